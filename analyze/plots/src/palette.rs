//! One colour and one marker for each machine, the same in every figure.
//!
//! The colours are Okabe and Ito's ("Color Universal Design", 2008), ordered so that neighbours differ in lightness
//! too; markers tell machines apart where lightness does not, as in a greyscale print.

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// Text.
pub const INK: Rgb = (0x22, 0x22, 0x22);
/// Secondary text.
pub const MUTED: Rgb = (0x5A, 0x5A, 0x5A);
/// Axis lines and the line at zero.
pub const AXIS: Rgb = (0x8C, 0x8C, 0x8C);
/// Grid lines.
pub const GRID: Rgb = (0xE2, 0xE2, 0xE2);
/// Machines for which there is no colour.
pub const REST: Rgb = (0xA8, 0xA8, 0xA8);
/// What the reader should look at first.
pub const ALERT: Rgb = (0xC0, 0x28, 0x1C);

/// How many machines have a colour of their own.
pub const COLOURS: usize = 8;

/// The shape that marks a machine's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// ●
    Disc,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
    /// ▼
    Inverted,
    /// ○
    Ring,
    /// □
    Frame,
    /// ×
    Cross,
}

/// How a machine is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Of its lines and its marker.
    pub color: Rgb,
    /// None for machines without a colour of their own.
    pub marker: Option<Marker>,
}

impl Look {
    /// The letter that looks like its marker, for text; a dash for none.
    pub fn glyph(&self) -> char {
        match self.marker {
            Some(Marker::Disc) => '●',
            Some(Marker::Square) => '■',
            Some(Marker::Triangle) => '▲',
            Some(Marker::Diamond) => '◆',
            Some(Marker::Inverted) => '▼',
            Some(Marker::Ring) => '○',
            Some(Marker::Frame) => '□',
            Some(Marker::Cross) => '×',
            None => '–',
        }
    }
}

const LOOKS: [(Rgb, Marker); COLOURS] = [
    ((0x00, 0x72, 0xB2), Marker::Disc),
    ((0xE6, 0x9F, 0x00), Marker::Square),
    ((0x00, 0x9E, 0x73), Marker::Triangle),
    ((0xD5, 0x5E, 0x00), Marker::Diamond),
    ((0xCC, 0x79, 0xA7), Marker::Inverted),
    ((0x56, 0xB4, 0xE9), Marker::Ring),
    ((0x00, 0x00, 0x00), Marker::Frame),
    // Okabe and Ito's yellow, darkened: the original does not hold on white.
    ((0xA8, 0x9A, 0x00), Marker::Cross),
];

/// The look of one of the eight slots.
pub fn slot(index: usize) -> Look {
    let (color, marker) = LOOKS[index % COLOURS];
    Look {
        color,
        marker: Some(marker),
    }
}

/// The look of each machine, given their rates.
///
/// Up to eight machines have a colour each. Of more, the slowest, the median and the fastest have one.
pub fn looks(rates_hz: &[f64]) -> Vec<Look> {
    if rates_hz.len() <= COLOURS {
        return (0..rates_hz.len()).map(slot).collect();
    }
    let rest = Look {
        color: REST,
        marker: None,
    };
    let mut looks = vec![rest; rates_hz.len()];
    for (index, machine) in landmarks(rates_hz).into_iter().enumerate() {
        looks[machine] = slot(index);
    }
    looks
}

/// The slowest, the median and the fastest machine (fewer if there are fewer), as indices.
pub fn landmarks(rates_hz: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rates_hz.len()).collect();
    order.sort_by(|&a, &b| rates_hz[a].total_cmp(&rates_hz[b]).then(a.cmp(&b)));
    match order.len() {
        0 => Vec::new(),
        1 | 2 => order,
        count => vec![order[0], order[(count - 1) / 2], order[count - 1]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_slots_share_a_colour_or_a_marker() {
        for a in 0..COLOURS {
            for b in 0..a {
                assert_ne!(slot(a).color, slot(b).color);
                assert_ne!(slot(a).marker, slot(b).marker);
            }
            assert_ne!(slot(a).color, REST);
        }
    }

    #[test]
    fn the_first_three_differ_in_lightness() {
        let luma = |index: usize| {
            let (r, g, b) = slot(index).color;
            0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)
        };
        for (a, b) in [(0, 1), (1, 2), (0, 2)] {
            assert!((luma(a) - luma(b)).abs() > 15.0, "slots {a} and {b}");
        }
    }

    #[test]
    fn of_many_machines_three_are_coloured() {
        let rates: Vec<f64> = (0..30).map(|i| f64::from((i * 7) % 30)).collect();
        let looks = looks(&rates);
        let mut coloured: Vec<f64> = (0..30)
            .filter(|&i| looks[i].marker.is_some())
            .map(|i| rates[i])
            .collect();
        coloured.sort_by(f64::total_cmp);
        assert_eq!(coloured, [0.0, 14.0, 29.0]);
    }
}
