//! What every figure has around its plot: the question above, and below how to read the answer.

use crate::canvas::{Align, Canvas, HEIGHT, Type, WIDTH, paint};
use crate::labels::{cut, width, wrap};
use crate::palette::{INK, MUTED, Rgb};

/// Space to the left and right of everything, in pixels.
pub const MARGIN: i32 = 30;
/// Upper end of what is between title and caption.
pub const TOP: i32 = 104;
/// Lower end of it.
pub const BOTTOM: i32 = HEIGHT - 74;

/// Size of tick labels, axis labels and line labels: 11 pixels when the figure is shown 700 wide.
pub const SMALL: i32 = 22;
const LARGE: i32 = 34;

/// Text as most of a figure has it.
pub fn small(align: Align, color: Rgb) -> Type {
    Type {
        size: SMALL,
        bold: false,
        color,
        align,
    }
}

/// A picture with title, subtitle and caption (of at most two lines), and between them whatever `body` draws.
pub fn picture(
    title: &str,
    subtitle: &str,
    caption: &str,
    body: impl FnOnce(&mut Canvas),
) -> String {
    let description = format!("{subtitle}. {}", caption.replace('\n', " "));
    paint(title, &description, |canvas| {
        surround(canvas, title, subtitle, caption);
        body(canvas);
    })
}

fn surround(canvas: &mut Canvas, title: &str, subtitle: &str, caption: &str) {
    let room = WIDTH - 2 * MARGIN;
    let heading = Type {
        size: LARGE,
        bold: true,
        color: INK,
        align: Align::Left,
    };
    // Bold is about a tenth wider than what `cut` measures.
    canvas.text(&cut(title, LARGE, room * 9 / 10), (MARGIN, 38), heading);
    let under = cut(subtitle, SMALL, room);
    canvas.text(&under, (MARGIN, 76), small(Align::Left, MUTED));
    let mut lines: Vec<String> = caption.split('\n').map(str::to_owned).collect();
    if lines.len() > 2 || lines.iter().any(|line| width(line, SMALL) > room) {
        lines = wrap(&caption.replace('\n', " "), SMALL, room, 2);
    }
    for (index, line) in lines.iter().enumerate() {
        let height = HEIGHT - 48 + index as i32 * 29;
        canvas.text(line, (MARGIN, height), small(Align::Left, MUTED));
    }
}
