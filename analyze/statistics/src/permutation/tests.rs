use super::*;

fn exactly(labelings: u64) -> Effort {
    Effort {
        labelings,
        ..Effort::STANDARD
    }
}

/// Welch's t as in a textbook, squared; the test's own way to it.
fn textbook(first: &[f64], second: &[f64]) -> f64 {
    let mean = |sample: &[f64]| sample.iter().sum::<f64>() / sample.len() as f64;
    let error = |sample: &[f64]| {
        let squares: f64 = sample.iter().map(|x| (x - mean(sample)).powi(2)).sum();
        squares / (sample.len() as f64 - 1.0) / sample.len() as f64
    };
    (mean(first) - mean(second)).powi(2) / (error(first) + error(second))
}

/// p by trying every subset of places as a bit mask.
fn exhaustive(first: &[f64], second: &[f64]) -> f64 {
    let pooled = [first, second].concat();
    let observed = textbook(first, second);
    let (mut hits, mut all) = (0.0, 0.0);
    for mask in 0u32..1 << pooled.len() {
        if mask.count_ones() as usize != first.len() {
            continue;
        }
        let side = |chosen: bool| -> Vec<f64> {
            let places = (0..pooled.len()).filter(|place| (mask >> place & 1 == 1) == chosen);
            places.map(|place| pooled[place]).collect()
        };
        all += 1.0;
        hits += f64::from(textbook(&side(true), &side(false)) >= observed - 1e-9);
    }
    hits / all
}

#[test]
fn three_against_three_apart_have_p_one_tenth() {
    // Of the C(6, 3) = 20 labelings only the observed one and its mirror image are as extreme.
    let found = independent(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], Effort::STANDARD).expect("a test");
    assert_eq!((found.p, found.exact, found.smallest_p), (0.1, true, 0.1));
}

#[test]
fn the_exact_test_is_the_exhaustive_one() {
    let mut chance = Chance::new(5);
    for (first, second) in [(5, 5), (3, 9), (9, 3), (2, 6), (4, 7)] {
        for spread in [4, 1000] {
            let mut draw = |count: usize| -> Vec<f64> {
                // Small spreads have many ties.
                (0..count)
                    .map(|_| chance.below(spread) as f64 / 10.0 + 7.0)
                    .collect()
            };
            let (mut one, two) = (draw(first), draw(second));
            one[0] += 0.3;
            one[1] -= 0.1;
            let found = independent(&one, &two, Effort::STANDARD).expect("a test");
            let expected = exhaustive(&one, &two);
            assert!(found.exact);
            assert!(
                (found.p - expected).abs() < 1e-12,
                "{one:?} {two:?}: {found:?}, {expected}"
            );
        }
    }
}

#[test]
fn random_labelings_come_close_to_all_of_them() {
    let one = [3.1, 4.7, 2.2, 5.9, 4.4, 3.8, 6.0];
    let two = [4.9, 6.6, 5.2, 7.7, 3.9, 6.1, 5.5, 8.0];
    let exact = independent(&one, &two, Effort::STANDARD).expect("a test");
    assert!(exact.exact, "C(15, 7) = 6435");
    let sampled = independent(&one, &two, exactly(5_000)).expect("a test");
    assert!(!sampled.exact);
    // Four standard errors of a share among 5000; the seed is fixed.
    let error = (exact.p * (1.0 - exact.p) / 5_000.0).sqrt();
    assert!(
        (sampled.p - exact.p).abs() < 4.0 * error,
        "{sampled:?} {exact:?}"
    );
    assert_eq!(
        Some(sampled),
        independent(&one, &two, exactly(5_000)),
        "chance is not fixed"
    );
}

#[test]
fn darwins_pairs_have_the_p_that_fisher_counted() {
    // Fisher, "The Design of Experiments", § 21: cross- against self-fertilised maize, eighths of an inch. Of 32,768
    // sums 835 exceed the observed 314 and 28 equal it, and as many below: p = 2 · 863 / 32768.
    let differences = [
        49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0,
    ];
    let exact = paired(&differences, exactly(32_768)).expect("a test");
    assert_eq!((exact.p, exact.exact), (1726.0 / 32_768.0, true));
    let sampled = paired(&differences, Effort::STANDARD).expect("a test");
    assert!(!sampled.exact);
    let error = (exact.p / 20_000.0).sqrt();
    assert!((sampled.p - exact.p).abs() < 4.0 * error, "{sampled:?}");
}

#[test]
fn what_cannot_be_tested_is_not() {
    assert_eq!(independent(&[1.0], &[2.0, 3.0], Effort::STANDARD), None);
    assert_eq!(independent(&[0.1; 5], &[0.1; 4], Effort::STANDARD), None);
    assert_eq!(independent(&[], &[], Effort::STANDARD), None);
    assert_eq!(paired(&[0.0; 6], Effort::STANDARD), None);
    assert_eq!(paired(&[1.0], Effort::STANDARD), None);
    // Two different constants are as far apart as can be.
    let apart = independent(&[1.0; 5], &[2.0; 4], Effort::STANDARD).expect("a test");
    assert_eq!(apart.p, 1.0 / 126.0);
    // A mean difference of 0 is not extreme.
    let even = paired(&[0.1, 0.2, -0.3], Effort::STANDARD).expect("a test");
    assert_eq!(even.p, 1.0);
}
