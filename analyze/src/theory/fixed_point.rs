//! The arrival rates of the first-order law: the fixed point of λ_i = p · Σ_{j≠i} max(0, r_j − λ_j).
//!
//! It has a closed form. Let f_j = max(0, r_j − λ_j) be the rate at which machine j rolls and u = p Σ f_j the rate at
//! which messages reach a machine that never rolls itself. Then λ_i = u − p f_i, and a machine rolls exactly when
//! r_i > u, at the rate f_i = (r_i − u) / (1 − p). Summed over all machines,
//!
//! ```text
//! u (1 − p) / p = Σ_i max(0, r_i − u).
//! ```
//!
//! For p < 1 the left side rises with u and the right side does not, so there is **exactly one** fixed point. With the k
//! fastest machines rolling, u = p Σ r / (1 − p + k p) over these k. Every overloaded machine hears the same rate u, which
//! grows with p.
//!
//! p = 1 is reached by two machines that send at every roll. Of equal rates they may share the sending in any way (whoever
//! is ahead keeps the other reading); what is returned is the even share, the limit from below.
//!
//! **Invariant.** What is returned satisfies the equation to within a millionth of the fastest rate, and of machines of
//! equal rates every one has the same.

/// As large as p is taken to be, so that nothing is divided by 0.
const CHANCE_MAX: f64 = 1.0 - 1e-9;

/// Messages arriving a second at each of these machines, given their rates in ticks per second, not negative, and the
/// chance per roll that a given peer is sent to, from 0 to 1.
pub fn arrival_rates(rates: &[f64], per_peer: f64) -> Vec<f64> {
    let chance = per_peer.clamp(0.0, CHANCE_MAX);
    let reached = rate_of_a_listener(rates, chance);
    let rolls = |rate: f64| f64::max(0.0, rate - reached) / (1.0 - chance);
    let arrivals = rates.iter().map(|&rate| reached - chance * rolls(rate));
    // Rounding may leave a trace below 0.
    arrivals.map(|arrival| arrival.max(0.0)).collect()
}

/// u: the rate at which messages reach a machine that never rolls.
fn rate_of_a_listener(rates: &[f64], chance: f64) -> f64 {
    let mut fastest_first = rates.to_vec();
    fastest_first.sort_by(|a, b| b.total_cmp(a));
    let mut reached = 0.0;
    let mut sum = 0.0;
    for (rolling, rate) in (1..).zip(fastest_first) {
        // One machine more rolls only if what the faster ones send leaves it the time.
        if rate <= reached {
            break;
        }
        sum += rate;
        reached = chance * sum / (1.0 - chance + f64::from(rolling) * chance);
    }
    reached
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_fixed_point_of_one_three_six_is_that_of_paper_and_pencil() {
        // Machine 0 is saturated: λ1 = p (6 − λ2), λ2 = p (3 − λ1), λ0 = p (3 − λ1 + 6 − λ2) with p = 1/5:
        // λ1 = 1.125, λ2 = 0.375, λ0 = 1.5.
        let arrivals = arrival_rates(&[1.0, 3.0, 6.0], 0.2);
        for (found, expected) in arrivals.iter().zip([1.5, 1.125, 0.375]) {
            assert!((found - expected).abs() < 1e-9, "{arrivals:?}");
        }
    }

    #[test]
    fn forty_talkative_machines_hear_what_symmetry_says() {
        let arrivals = arrival_rates(&[4.0; 40], 1.0 / 3.0);
        // By symmetry λ = p · 39 · (4 − λ), so λ = 13 · 4 / 14.
        assert!((arrivals[0] - 52.0 / 14.0).abs() < 1e-6, "{}", arrivals[0]);
    }

    #[test]
    fn two_machines_that_always_send() {
        // The slower one only reads; of equals each sends half of the time.
        let near = |found: Vec<f64>, expected: [f64; 2]| {
            assert!(largest_gap(&found, &expected) < 1e-5, "{found:?}");
        };
        near(arrival_rates(&[2.0, 5.0], 1.0), [5.0, 0.0]);
        near(arrival_rates(&[3.0, 3.0], 1.0), [1.5, 1.5]);
        assert_eq!(arrival_rates(&[3.0, 3.0], 0.0), [0.0, 0.0]);
        assert!(arrival_rates(&[], 0.2).is_empty());
    }

    /// What arrives where, if messages arrive at these rates now: the right-hand side of the law, as it is written.
    fn image(rates: &[f64], per_peer: f64, arrivals: &[f64]) -> Vec<f64> {
        let others = |i: usize| (0..rates.len()).filter(move |&j| j != i);
        let rolls = |j: usize| f64::max(0.0, rates[j] - arrivals[j]);
        let sum = |i: usize| others(i).map(rolls).sum::<f64>();
        (0..rates.len()).map(|i| per_peer * sum(i)).collect()
    }

    /// Two to ten machines, and a chance that the odds of so many machines allow.
    fn machines() -> impl Strategy<Value = (Vec<f64>, f64)> {
        let rates = prop::collection::vec(0.1f64..20.0, 2..=10);
        (rates, 0.0f64..=1.0).prop_map(|(rates, sends)| {
            let others = rates.len() as f64 - 1.0;
            (rates, sends / 3.0 * (2.0 / others + 1.0))
        })
    }

    fn largest_gap(a: &[f64], b: &[f64]) -> f64 {
        let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        gaps.fold(0.0, f64::max)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_satisfies_the_law((rates, per_peer) in machines()) {
            let found = arrival_rates(&rates, per_peer);
            let residual = largest_gap(&image(&rates, per_peer, &found), &found);
            prop_assert!(residual < 2e-5, "off by {residual}: {found:?}");
            prop_assert!(found.iter().all(|arrival| *arrival >= 0.0));
        }

        #[test]
        fn there_is_no_other(
            (rates, per_peer) in machines(),
            shares in prop::collection::vec(0.0f64..=1.0, 10),
        ) {
            // The law's own map, damped by its Lipschitz constant, leads there from wherever it starts.
            prop_assume!(per_peer < 0.95);
            let found = arrival_rates(&rates, per_peer);
            let most: f64 = per_peer * rates.iter().sum::<f64>();
            let mut other: Vec<f64> = rates.iter().zip(&shares).map(|(_, share)| share * most).collect();
            let step = 1.0 / (1.0 + per_peer * (rates.len() as f64 - 1.0));
            for _ in 0..1_000 {
                let sent = image(&rates, per_peer, &other);
                for (arrival, sent) in other.iter_mut().zip(sent) {
                    *arrival += step * (sent - *arrival);
                }
            }
            prop_assert!(largest_gap(&found, &other) < 1e-6, "{found:?} and {other:?}");
        }

        #[test]
        fn the_order_of_machines_does_not_matter(
            ((rates, per_peer), order) in machines().prop_flat_map(|(rates, per_peer)| {
                let order: Vec<usize> = (0..rates.len()).collect();
                (Just((rates, per_peer)), Just(order).prop_shuffle())
            }),
        ) {
            let plain = arrival_rates(&rates, per_peer);
            let shuffled: Vec<f64> = order.iter().map(|&index| rates[index]).collect();
            let found = arrival_rates(&shuffled, per_peer);
            let expected: Vec<f64> = order.iter().map(|&index| plain[index]).collect();
            prop_assert!(largest_gap(&found, &expected) < 1e-9, "{found:?} {expected:?}");
        }

        #[test]
        fn equal_machines_hear_the_more_the_more_they_send(
            rate in 0.1f64..20.0,
            count in 2usize..=10,
            chances in (0.0f64..=1.0, 0.0f64..=1.0),
        ) {
            // λ = p (n − 1)(r − λ) has the solution r s / (1 + s), s = p (n − 1), which grows with p and stays below r.
            let others = count as f64 - 1.0;
            let at_most = (2.0 / others + 1.0) / 3.0;
            let chances = (chances.0 * at_most, chances.1 * at_most);
            let at = |per_peer: f64| arrival_rates(&vec![rate; count], per_peer)[0];
            let (less, more) = (chances.0.min(chances.1), chances.0.max(chances.1));
            prop_assert!(at(less) <= at(more) + 1e-5);
            let steepness = more * others;
            prop_assert!((at(more) - rate * steepness / (1.0 + steepness)).abs() < 1e-5);
        }

        #[test]
        fn all_machines_together_hear_the_more_the_more_they_send((rates, per_peer) in machines(), share in 0.0f64..=1.0) {
            // Not so each for itself: a peer that hears more has less time to send.
            let total = |per_peer: f64| arrival_rates(&rates, per_peer).iter().sum::<f64>();
            prop_assert!(total(share * per_peer) <= total(per_peer) + 1e-4);
        }
    }
}
