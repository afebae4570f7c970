//! Text that fits: how wide it is, where it breaks, and how labels keep out of each other's way.

/// Advance widths of DejaVu Sans for the printable ASCII characters, in hundredths of the size, rounded up.
const ADVANCE: [u8; 95] = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75,
    79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36,
    64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];

/// How wide a text is, in pixels. Exact for DejaVu Sans, an upper bound for Helvetica and Arial.
pub fn width(text: &str, size: i32) -> i32 {
    let hundredths: i32 = text
        .chars()
        .map(|c| match (c as usize).checked_sub(32) {
            Some(index) if index < ADVANCE.len() => i32::from(ADVANCE[index]),
            _ if c == '·' => 32,
            _ if c == '–' => 50,
            _ => 100,
        })
        .sum();
    (hundredths * size + 99) / 100
}

/// Breaks a text into at most `lines` lines no wider than `room`; what does not fit is cut with an ellipsis.
pub fn wrap(text: &str, size: i32, room: i32, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split(' ') {
        if let Some(line) = wrapped.last_mut() {
            let longer = format!("{line} {word}");
            if width(&longer, size) <= room || wrapped.len() == lines {
                if let Some(line) = wrapped.last_mut() {
                    *line = longer;
                }
                continue;
            }
        }
        wrapped.push(word.to_owned());
    }
    for line in &mut wrapped {
        *line = cut(line, size, room);
    }
    wrapped
}

/// The text, or as much of it as fits and an ellipsis.
pub fn cut(text: &str, size: i32, room: i32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while !kept.is_empty() && width(&kept, size) + size > room {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

/// Moves heights apart until neighbours are `gap` apart, between `top` and `bottom`, each as near as may be to where
/// it wants to be. Answers in the order of the wishes.
///
/// Groups that collide are merged and centred on their mean wish, the pool-adjacent-violators algorithm of isotonic
/// regression (Barlow et al., 1972), which minimises the sum of squared displacements.
pub fn spread(wishes: &[i32], gap: i32, top: i32, bottom: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by_key(|&index| (wishes[index], index));
    // Groups as (sum of wishes less the offset within all, count); heights of a group differ by the gap.
    let mut groups: Vec<(i64, i64)> = Vec::new();
    for (rank, &index) in order.iter().enumerate() {
        groups.push((i64::from(wishes[index]) - rank as i64 * i64::from(gap), 1));
        while let [.., (before, many), (sum, count)] = groups[..] {
            if before * count <= sum * many {
                break;
            }
            groups.truncate(groups.len() - 2);
            groups.push((before + sum, many + count));
        }
    }
    let mut heights = vec![0; wishes.len()];
    let mut rank = 0usize;
    let highest = i64::from(bottom) - (wishes.len() as i64 - 1).max(0) * i64::from(gap);
    for (sum, count) in groups {
        let base = sum.div_euclid(count).min(highest).max(i64::from(top));
        for _ in 0..count {
            heights[order[rank]] = (base + rank as i64 * i64::from(gap)) as i32;
            rank += 1;
        }
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_collide_move_apart_and_others_stay() {
        assert_eq!(spread(&[100, 300], 24, 0, 400), [100, 300]);
        assert_eq!(spread(&[100, 100, 300], 24, 0, 400), [88, 112, 300]);
        assert_eq!(spread(&[400, 400, 400], 24, 0, 400), [352, 376, 400]);
        assert_eq!(spread(&[0, 0], 24, 0, 400), [0, 24]);
        assert_eq!(spread(&[], 24, 0, 400), [] as [i32; 0]);
    }

    #[test]
    fn order_of_labels_is_the_order_of_the_line_ends() {
        let wishes = [50, 40, 45, 300, 20];
        let heights = spread(&wishes, 30, 0, 400);
        for a in 0..wishes.len() {
            for b in 0..wishes.len() {
                if wishes[a] < wishes[b] {
                    assert!(heights[b] - heights[a] >= 30, "{heights:?}");
                }
            }
        }
    }

    #[test]
    fn text_breaks_at_spaces_and_ends_in_an_ellipsis_when_cut() {
        let text = "faint lines are trials and the thick line is their mean";
        let lines = wrap(text, 20, 300, 4);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|line| width(line, 20) <= 300));
        let cut = wrap(text, 20, 200, 1);
        assert!(
            cut[0].ends_with('…') && width(&cut[0], 20) <= 200,
            "{cut:?}"
        );
    }
}
