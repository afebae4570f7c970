//! Where things are shown.
//!
//! **Invariant.** What was shown has left this program: it is in no buffer of ours.

use std::io::{self, IsTerminal, Write};

use rustyline::ExternalPrinter;

use super::said::{Said, Style};

/// The form of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Words.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where things are shown.
pub(super) struct Screen {
    form: Form,
    style: Style,
    target: Target,
}

enum Target {
    /// Above the line that is being typed.
    Prompt(Box<dyn ExternalPrinter + Send>),
    Output(Box<dyn Write + Send>),
}

/// Whether a person wants colours on standard output.
fn has_color() -> bool {
    let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !is_refused && io::stdout().is_terminal()
}

impl Screen {
    /// Above the line that is being typed.
    pub(super) fn above(printer: impl ExternalPrinter + Send + 'static) -> Screen {
        Screen {
            form: Form::Text,
            style: Style {
                has_color: has_color(),
                has_lines: true,
            },
            target: Target::Prompt(Box::new(printer)),
        }
    }

    /// On standard output.
    pub(super) fn output(form: Form) -> Screen {
        Screen {
            form,
            style: Style {
                has_color: has_color(),
                has_lines: io::stdout().is_terminal(),
            },
            target: Target::Output(Box::new(io::stdout())),
        }
    }

    /// Into a writer, for tests.
    #[cfg(test)]
    pub(super) fn into(form: Form, writer: impl Write + Send + 'static) -> Screen {
        Screen {
            form,
            style: Style {
                has_color: false,
                has_lines: false,
            },
            target: Target::Output(Box::new(writer)),
        }
    }

    /// Shows something.
    ///
    /// # Errors
    ///
    /// When it was not written: the reader of a pipe has gone, or the terminal.
    pub(super) fn show(&mut self, said: &Said) -> io::Result<()> {
        let mut text = match self.form {
            Form::Text => said.words(self.style),
            Form::Json => said.json(),
        };
        text.push('\n');
        match &mut self.target {
            Target::Prompt(printer) => printer.print(text).map_err(io::Error::other),
            Target::Output(output) => {
                output.write_all(text.as_bytes())?;
                output.flush()
            }
        }
    }

    /// Nothing is typed any more: what follows goes to standard output.
    pub(super) fn end_prompt(&mut self) {
        if matches!(self.target, Target::Prompt(_)) {
            self.target = Target::Output(Box::new(io::stdout()));
        }
    }
}
