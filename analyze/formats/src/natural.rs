//! The order in which people count: `trial2` before `trial10`.

use std::cmp::Ordering;

/// Compares numbers inside of texts by their value, all else by its characters.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y) = (take_number(&mut a), take_number(&mut b));
                // More digits are a larger number, leading zeros aside.
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
                if order != Ordering::Equal {
                    return order;
                }
            }
            (Some(x), Some(y)) if x == y => {
                a = &a[1..];
                b = &b[1..];
            }
            (Some(x), Some(y)) => return rank(*x).cmp(&rank(*y)),
            // Leading zeros may be all that differs.
            (None, None) => return left.cmp(right),
            (x, y) => return x.is_some().cmp(&y.is_some()),
        }
    }
}

/// The end of a part of a path comes before all else that may follow, so that folders stay together.
fn rank(byte: u8) -> (bool, u8) {
    (byte != b'/', byte)
}

fn take_number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    let (number, rest) = text.split_at(end.unwrap_or(text.len()));
    *text = rest;
    let zeros = number.iter().take_while(|&&byte| byte == b'0').count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_counted() {
        let mut names = vec![
            "trial10/a",
            "trial2/b",
            "trial2.log",
            "trial02/a",
            "a1b10",
            "a1b9",
            "",
            "trial",
        ];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            [
                "",
                "a1b9",
                "a1b10",
                "trial",
                "trial02/a",
                "trial2/b",
                "trial2.log",
                "trial10/a"
            ]
        );
    }

    proptest! {
        #[test]
        fn it_is_an_order(a in "[a0-2/.]{0,6}", b in "[a0-2/.]{0,6}", c in "[a0-2/.]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
