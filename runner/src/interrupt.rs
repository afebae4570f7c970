//! Ctrl-C, and the termination signals that mean the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::terminal::say;

/// Whether the user wants the run to end. Clones share one answer.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    set: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens for Ctrl-C: the first one sets the interrupt, so that trials stop in order; the second ends this
    /// process at once (machine processes notice, and end too).
    pub fn listen() -> Interrupt {
        let interrupt = Interrupt::default();
        let heard = interrupt.clone();
        on_signal(move || {
            if heard.set() {
                std::process::exit(130);
            }
            say("stopping; the logs stay valid (Ctrl-C again to end at once)");
        });
        interrupt
    }

    /// Sets it; returns whether it was set already.
    pub fn set(&self) -> bool {
        self.set.swap(true, Ordering::SeqCst)
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.set.load(Ordering::SeqCst)
    }

    /// The flag itself, for loops that cannot afford more than a look.
    pub fn flag(&self) -> &AtomicBool {
        &self.set
    }
}

/// Calls `handler` for every Ctrl-C and every other signal that asks this process to end.
pub fn on_signal(handler: impl FnMut() + Send + 'static) {
    if let Err(error) = ctrlc::set_handler(handler) {
        say(&format!(
            "warning: Ctrl-C will end the run at once: {error}"
        ));
    }
}
