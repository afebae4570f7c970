use super::*;

fn one(values: &[f64]) -> Vec<Part> {
    part(Samples::One(values.to_vec()))
}

fn two(a: &[f64], b: &[f64], paired: bool) -> Vec<Part> {
    part(Samples::Two {
        a: a.to_vec(),
        b: b.to_vec(),
        paired,
    })
}

fn part(samples: Samples) -> Vec<Part> {
    vec![Part {
        label: String::new(),
        samples,
    }]
}

#[track_caller]
fn weighed(relation: &Relation, parts: &[Part]) -> Weighed {
    let found = weigh(relation, parts).expect("a test");
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

const LOW: [f64; 8] = [1.0, 1.2, 0.8, 1.1, 0.9, 1.3, 0.7, 1.0];
const HIGH: [f64; 8] = [3.1, 3.2, 2.7, 3.2, 2.9, 3.4, 2.6, 3.1];

#[test]
fn a_mean_is_supported_inside_and_refuted_outside() {
    let inside = weighed(&Relation::Mean(Bound::Within(0.5, 1.5)), &one(&LOW));
    assert!(
        inside.p_support < 0.01 && inside.p_refute > 0.9,
        "{inside:?}"
    );
    let outside = weighed(&Relation::Mean(Bound::Above(2.0)), &one(&LOW));
    assert!(
        outside.p_refute < 0.01 && outside.p_support > 0.9,
        "{outside:?}"
    );
    assert_eq!((outside.n.as_str(), outside.estimate), ("8", 1.0));
}

#[test]
fn pairs_show_what_independent_samples_hide() {
    // The second of each pair is larger by about a fifth, while pairs spread over thirty.
    let a = [1.0, 10.0, 20.0, 30.0, 5.0, 15.0];
    let b = a.map(|value| value + 0.2).to_vec();
    let mut b: Vec<f64> = b;
    b[0] += 0.05;
    let below = Relation::Difference(Bound::Below(0.0));
    let paired = weighed(&below, &two(&a, &b, true));
    let apart = weighed(&below, &two(&a, &b, false));
    assert_eq!((paired.n.as_str(), apart.n.as_str()), ("6 pairs", "6 + 6"));
    assert!(
        paired.p_support < 0.02 && apart.p_support > 0.4,
        "{paired:?} {apart:?}"
    );
    assert!((paired.estimate - apart.estimate).abs() < 1e-12);
}

#[test]
fn a_ratio_is_judged_where_its_difference_is() {
    let ratio = |bound| weighed(&Relation::Ratio(bound), &two(&HIGH, &LOW, false));
    let near_three = ratio(Bound::Within(2.0, 4.0));
    assert!(near_three.p_support < 0.01, "{near_three:?}");
    let (low, high) = (
        near_three.low.expect("an end"),
        near_three.high.expect("an end"),
    );
    // The ends are where the two-sided test at 5 % turns.
    for (end, bound) in [(low, Bound::Above(low)), (high, Bound::Below(high))] {
        let p = ratio(bound).p_support;
        assert!((0.025..0.04).contains(&p), "{end}: {p}");
    }
    let negative = weigh(
        &Relation::Ratio(Bound::Above(1.0)),
        &two(&HIGH, &[-1.0, 1.0], false),
    );
    assert!(negative.is_err());
}

#[test]
fn a_ratio_at_its_bound_is_not_decided_by_rounding() {
    // 0.7 · 90 is less than 63 in floating point.
    let proportional = [(63.0, 90.0), (126.0, 180.0), (6.3, 9.0), (56.7, 81.0)];
    for constant in [true, false] {
        let pair = |place: usize| proportional[if constant { 0 } else { place % 4 }];
        let (a, b): (Vec<f64>, Vec<f64>) = (0..40).map(pair).unzip();
        for bound in [Bound::AtMost(0.7), Bound::AtLeast(0.7)] {
            let found = weighed(&Relation::Ratio(bound), &two(&a, &b, true));
            assert_eq!((found.p_refute, found.p_support), (1.0, 1.0), "{bound}");
        }
    }
}

#[test]
fn a_trend_may_hold_on_the_whole_and_not_at_every_step() {
    let shifted = |by: f64| LOW.map(|value| value + by).to_vec();
    let sweep = part(Samples::Sweep(vec![
        shifted(0.0),
        shifted(2.0),
        shifted(1.0),
        shifted(4.0),
    ]));
    let trend = |every_step| Relation::Trend {
        over: "internal".to_owned(),
        per_step: Bound::Above(0.0),
        every_step,
    };
    let line = weighed(&trend(false), &sweep);
    // Least squares of 0, 2, 1, 4 over 0, 1, 2, 3: (-1.5·0 - 0.5·2 + 0.5·1 + 1.5·4) / 5.
    assert!(
        (line.estimate - 1.1).abs() < 1e-9 && line.p_support < 0.01,
        "{line:?}"
    );
    let steps = weigh(&trend(true), &sweep).expect("tests");
    let (refute, support) = together(&steps);
    assert!(refute < 0.02 && support > 0.9, "{steps:?}");
    let weakest = weakest(&steps).expect("a step");
    assert_eq!(
        (weakest.label.as_str(), weakest.estimate.round()),
        ("step 2", -1.0)
    );
}

#[test]
fn shares_count_trials_or_blocks_of_them() {
    let share = |block| Relation::Share {
        holds: Bound::AtMost(2.0),
        block,
        size: Bound::AtLeast(0.5),
    };
    let values = [1.0, 2.0, 2.0, 3.0, 1.0, 1.0, 1.0, 2.0];
    let trials = weighed(&share(1), &one(&values));
    assert_eq!((trials.estimate, trials.n.as_str()), (0.875, "8"));
    let blocks = weighed(&share(4), &one(&values));
    assert_eq!((blocks.estimate, blocks.n.as_str()), (0.5, "2 blocks of 4"));
    assert_eq!(weighed(&share(1), &two(&HIGH, &LOW, true)).n, "8");
    assert!(weigh(&share(1), &two(&HIGH, &LOW, false)).is_err());
}

#[test]
fn what_does_not_vary_is_handled_without_a_t() {
    let ones = [1.0; 40];
    let below = weighed(&Relation::Mean(Bound::Below(1.5)), &one(&ones));
    assert_eq!((below.low, below.high), (None, None));
    assert!(below.p_support < 1e-11 && below.p_support > 0.0 && below.p_refute == 1.0);
    let at = weighed(&Relation::Mean(Bound::AtMost(1.0)), &one(&ones));
    assert_eq!((at.p_support, at.p_refute), (1.0, 1.0));
    let ratio = weighed(
        &Relation::Ratio(Bound::Within(0.9, 1.1)),
        &two(&ones, &ones, true),
    );
    assert!(
        ratio.p_support < 1e-11 && ratio.estimate == 1.0,
        "{ratio:?}"
    );
}

#[test]
fn a_claim_of_several_parts_needs_all_of_them() {
    let parts: Vec<Part> = [one(&LOW), one(&HIGH)].concat();
    let all_low = weigh(&Relation::Mean(Bound::Below(2.0)), &parts).expect("tests");
    let (refute, support) = together(&all_low);
    assert!(refute < 0.05 && support > 0.9, "{all_low:?}");
    let both = weigh(&Relation::Mean(Bound::Below(4.0)), &parts).expect("tests");
    assert!(together(&both).1 < 0.01);
    // Bonferroni: the smaller p counts twice.
    assert_eq!(refute, 2.0 * all_low[1].p_refute);
}
