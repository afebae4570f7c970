//! The line that is typed: completion, history, and passwords that are not shown.
//!
//! **Invariant.** A password is neither on the screen nor in the history.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{ColorMode, Config, Context, Editor, ExternalPrinter, Helper};
use tokio::sync::mpsc;

use super::input::Input;
use super::line::COMMANDS;

/// What the conversation tells the line.
#[derive(Debug, Clone, Default)]
pub(super) struct Desk {
    names: Arc<Mutex<BTreeSet<String>>>,
    prompt: Arc<Mutex<String>>,
    is_secret: Arc<AtomicBool>,
}

impl Desk {
    /// A name that can be completed from now on.
    pub(super) fn learn(&self, name: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
    }

    /// What the next line begins with.
    pub(super) fn set_prompt(&self, prompt: String) {
        *self.prompt.lock().unwrap_or_else(PoisonError::into_inner) = prompt;
    }

    /// Whether what is typed now is shown.
    pub(super) fn set_secret(&self, is_secret: bool) {
        self.is_secret.store(is_secret, Ordering::SeqCst);
    }

    fn is_secret(&self) -> bool {
        self.is_secret.load(Ordering::SeqCst)
    }

    /// Where the word at the end of `line` begins, and what it can become.
    fn complete(&self, line: &str) -> (usize, Vec<String>) {
        if self.is_secret() {
            return (line.len(), Vec::new());
        }
        let start = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let word = &line[start..];
        let is_first = line[..start].trim().is_empty();
        if is_first && word.starts_with('/') {
            let commands = COMMANDS.iter().map(|(command, ..)| *command);
            let fitting = commands.filter(|command| command.starts_with(word));
            return (
                start,
                fitting.map(|command| format!("{command} ")).collect(),
            );
        }
        let takes_names = ["/who", "/login", "/list"];
        let is_argument = takes_names.contains(&line.split_whitespace().next().unwrap_or_default());
        let (mark, begun) = match word.strip_prefix('@') {
            Some(begun) if is_first || is_argument => ("@", begun),
            None if !is_first && is_argument => ("", word),
            _ => return (line.len(), Vec::new()),
        };
        let begun = begun.to_ascii_lowercase();
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = names.range(begun.clone()..);
        let fitting = fitting.take_while(|name| name.starts_with(&begun));
        (
            start,
            fitting.map(|name| format!("{mark}{name} ")).collect(),
        )
    }
}

struct Assistant(Desk);

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.0.complete(&line[..position]))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match self.0.is_secret() {
            true => Cow::Owned("*".repeat(line.chars().count())),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor && self.0.is_secret()
    }
}

impl Hinter for Assistant {
    type Hint = String;
}
impl Validator for Assistant {}
impl Helper for Assistant {}

/// A line editor, before anything is typed.
pub(super) struct LineEditor {
    editor: Editor<Assistant, FileHistory>,
    desk: Desk,
    history: Option<PathBuf>,
}

impl LineEditor {
    /// An editor on this terminal, with what was typed before; none on a terminal that cannot be drawn on.
    pub(super) fn open(
        desk: Desk,
        history: Option<PathBuf>,
    ) -> Option<(LineEditor, impl ExternalPrinter + Send + 'static)> {
        let config = Config::builder()
            .auto_add_history(false)
            .history_ignore_space(true)
            // What hides a password is a colour to it.
            .color_mode(ColorMode::Forced)
            .build();
        let mut editor = Editor::with_config(config).ok()?;
        let printer = editor.create_external_printer().ok()?;
        editor.set_helper(Some(Assistant(desk.clone())));
        if let Some(path) = &history {
            // There is none at first, and one that cannot be read is no reason not to talk.
            let _ = editor.load_history(path);
        }
        let editor = LineEditor {
            editor,
            desk,
            history,
        };
        Some((editor, printer))
    }

    /// Reads lines in a thread of its own, until one `ends` it. The terminal is as it was when the thread has ended.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub(super) fn run(
        mut self,
        ends: fn(&str) -> bool,
    ) -> io::Result<(mpsc::Receiver<Input>, Terminal)> {
        let (sender, receiver) = mpsc::channel(16);
        let mode = Mode::read();
        let thread = thread::Builder::new()
            .name("editor".to_owned())
            .spawn(move || self.read(&sender, ends))?;
        Ok((receiver, Terminal { thread, mode }))
    }

    fn read(&mut self, sender: &mpsc::Sender<Input>, ends: fn(&str) -> bool) {
        let mut was_interrupted = false;
        loop {
            let prompt = self.desk.prompt.lock();
            let prompt = prompt.unwrap_or_else(PoisonError::into_inner).clone();
            let input = match self.editor.readline(&prompt) {
                Ok(line) => {
                    if !self.desk.is_secret() && !line.trim().is_empty() {
                        let _ = self.editor.add_history_entry(line.as_str());
                    }
                    Input::Line(line)
                }
                Err(ReadlineError::Interrupted) if !was_interrupted => Input::Interrupt,
                Err(ReadlineError::Signal(_)) => continue,
                Err(_) => Input::End,
            };
            was_interrupted = input == Input::Interrupt;
            let is_last = match &input {
                Input::Line(line) => ends(line) && !self.desk.is_secret(),
                other => *other == Input::End,
            };
            if is_last && let Some(path) = &self.history {
                let _ = self.editor.save_history(path);
            }
            if sender.blocking_send(input).is_err() || is_last {
                return;
            }
        }
    }
}

/// The terminal that lines are typed on.
pub(super) struct Terminal {
    thread: thread::JoinHandle<()>,
    mode: Mode,
}

impl Terminal {
    /// Leaves it as it was. Whoever ends while a line is typed, because it was asked to from outside, has to do that itself.
    pub(super) fn restore(self) {
        // The thread ends by itself after the last line.
        let began = Instant::now();
        while !self.thread.is_finished() && began.elapsed() < Duration::from_millis(200) {
            thread::sleep(Duration::from_millis(5));
        }
        if !self.thread.is_finished() {
            self.mode.restore();
        }
    }
}

/// How the terminal was.
#[cfg(unix)]
struct Mode(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Mode {
    fn read() -> Mode {
        Mode(rustix::termios::tcgetattr(io::stdin()).ok())
    }

    fn restore(&self) {
        if let Mode(Some(mode)) = self {
            let now = rustix::termios::OptionalActions::Now;
            // A terminal that is gone needs nothing.
            let _ = rustix::termios::tcsetattr(io::stdin(), now, mode);
            // Pasted text is not marked any more.
            let _ = writeln!(io::stdout(), "\u{1b}[?2004l");
        }
    }
}

/// The console of other systems is restored by itself.
#[cfg(not(unix))]
struct Mode;

#[cfg(not(unix))]
impl Mode {
    fn read() -> Mode {
        Mode
    }

    fn restore(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk() -> Desk {
        let desk = Desk::default();
        for name in ["ada", "adam", "bob"] {
            desk.learn(name);
        }
        desk
    }

    #[test]
    fn commands_and_names_are_completed_where_they_belong() {
        let desk = desk();
        for (line, start, expected) in [
            ("/l", 0, &["/list ", "/login ", "/logout "][..]),
            ("@ad", 0, &["@ada ", "@adam "]),
            ("@AD", 0, &["@ada ", "@adam "]),
            ("@", 0, &["@ada ", "@adam ", "@bob "]),
            ("/who b", 5, &["bob "]),
            ("/who bob @a", 9, &["@ada ", "@adam "]),
            // In a text nothing is completed.
            ("@bob see /l", 11, &[]),
            ("@bob with @ad", 13, &[]),
            ("hello", 5, &[]),
        ] {
            let (at, found) = desk.complete(line);
            assert_eq!(found, expected, "{line}");
            assert_eq!(at, start, "{line}");
        }
    }

    #[test]
    fn a_password_is_neither_shown_nor_completed() {
        let desk = desk();
        desk.set_secret(true);
        assert!(desk.complete("@a").1.is_empty());
        let assistant = Assistant(desk);
        assert_eq!(assistant.highlight("pässword", 0), "********");
    }
}
