//! Series of machines as curves, and the mean of curves with its interval.

use std::collections::BTreeMap;

use statistics::interval::critical;

/// How a curve goes from one point to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// It keeps its value until the next point.
    Step,
    /// It goes straight there.
    Straight,
}

/// A function of time, or of a size, given by points.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    points: Vec<(f64, f64)>,
    join: Join,
    /// Its value before the first point.
    before: f64,
}

/// The mean of several curves at one place, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The place.
    pub x: f64,
    /// Mean of the values there.
    pub mean: f64,
    /// Half the width of the interval; 0 for a single curve.
    pub half_width: f64,
}

impl Curve {
    /// A curve through points in order of x. Points that are not numbers are left out.
    pub fn new(points: &[(f64, f64)], join: Join, before: f64) -> Curve {
        let points = points.iter().copied();
        Curve {
            points: points
                .filter(|(x, y)| x.is_finite() && y.is_finite())
                .collect(),
            join,
            before,
        }
    }

    /// Of counted sizes, in percent: how many were at least this large. A staircase whose steps are centred on the
    /// whole numbers, so that it can be read there.
    pub fn at_least(counts: &BTreeMap<u64, u64>) -> Curve {
        let total: u64 = counts.values().sum();
        let mut left = total;
        let mut points = Vec::new();
        let mut from = 0.0;
        for (&size, &count) in counts.iter().filter(|(_, count)| **count > 0) {
            points.push((from, 100.0 * left as f64 / total as f64));
            left -= count;
            from = size as f64 + 0.5;
        }
        if total > 0 {
            points.push((from, 0.0));
        }
        Curve {
            points,
            join: Join::Step,
            before: 100.0,
        }
    }

    /// Whether it has no points.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Where it ends.
    pub fn last(&self) -> Option<(f64, f64)> {
        self.points.last().copied()
    }

    /// Its value at a place; after the last point, the last value.
    pub fn value(&self, x: f64) -> f64 {
        let next = self.points.partition_point(|point| point.0 <= x);
        let Some(&(x0, y0)) = next.checked_sub(1).and_then(|i| self.points.get(i)) else {
            return self.before;
        };
        match (self.join, self.points.get(next)) {
            (Join::Straight, Some(&(x1, y1))) if x1 > x0 => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            _ => y0,
        }
    }

    /// The corners to draw, from at most `limit` points chosen evenly.
    pub fn corners(&self, limit: usize) -> Vec<(f64, f64)> {
        let kept = evenly(self.points.len(), limit).into_iter();
        let mut corners: Vec<(f64, f64)> = Vec::new();
        for (x, y) in kept.map(|index| self.points[index]) {
            if let (Join::Step, Some(&(_, before))) = (self.join, corners.last()) {
                corners.push((x, before));
            }
            corners.push((x, y));
        }
        corners
    }
}

/// At most `limit` of `count` indices, first and last among them, evenly spread.
pub fn evenly(count: usize, limit: usize) -> Vec<usize> {
    match (count, limit) {
        (_, 0) => Vec::new(),
        (_, 1) => (0..count.min(1)).collect(),
        _ if count <= limit => (0..count).collect(),
        _ => (0..limit).map(|k| k * (count - 1) / (limit - 1)).collect(),
    }
}

/// `steps` equal steps from `low` to `high`.
pub fn grid(low: f64, high: f64, steps: usize) -> Vec<f64> {
    let step = (high - low) / steps.max(1) as f64;
    (0..=steps).map(|k| low + k as f64 * step).collect()
}

/// The mean of curves with its 95 % interval, Student's t over the curves: each is one trial, the unit that repeats.
pub fn mean(curves: &[Curve], grid: &[f64]) -> Vec<Mean> {
    let count = curves.len() as f64;
    let t = critical(curves.len()).unwrap_or(0.0);
    grid.iter()
        .map(|&x| {
            let values: Vec<f64> = curves.iter().map(|curve| curve.value(x)).collect();
            let mean = values.iter().sum::<f64>() / count;
            let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
            let half_width = if curves.len() > 1 {
                t * (squares / (count - 1.0) / count).sqrt()
            } else {
                0.0
            };
            Mean {
                x,
                mean,
                half_width,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_holds_and_a_straight_curve_does_not() {
        let points = [(1.0, 10.0), (3.0, 20.0)];
        let step = Curve::new(&points, Join::Step, 0.0);
        let straight = Curve::new(&points, Join::Straight, 0.0);
        assert_eq!([0.5, 2.0, 9.0].map(|x| step.value(x)), [0.0, 10.0, 20.0]);
        assert_eq!(straight.value(2.0), 15.0);
        assert_eq!(step.corners(9), [(1.0, 10.0), (3.0, 10.0), (3.0, 20.0)]);
    }

    #[test]
    fn shares_at_least_as_large_fall_from_all_to_none() {
        let counts = BTreeMap::from([(1, 6), (3, 3), (10, 1)]);
        let curve = Curve::at_least(&counts);
        let shares = [1.0, 2.0, 3.0, 4.0, 10.0, 11.0].map(|x| curve.value(x));
        assert_eq!(shares, [100.0, 40.0, 40.0, 10.0, 10.0, 0.0]);
        assert!(Curve::at_least(&BTreeMap::new()).is_empty());
    }

    #[test]
    fn the_interval_is_student_over_curves() {
        let curve = |y: f64| Curve::new(&[(0.0, y)], Join::Step, 0.0);
        // Values 1, 2, 3: mean 2, standard error 1/√3, t of 2 degrees of freedom 4.303.
        let means = mean(&[curve(1.0), curve(2.0), curve(3.0)], &[0.0]);
        assert_eq!(means[0].mean, 2.0);
        assert!((means[0].half_width - 4.302_652_7 / 3f64.sqrt()).abs() < 1e-6);
        assert_eq!(mean(&[curve(1.0)], &[0.0])[0].half_width, 0.0);
    }

    #[test]
    fn a_choice_of_trials_is_even_and_keeps_the_ends() {
        assert_eq!(evenly(5, 30), [0, 1, 2, 3, 4]);
        assert_eq!(evenly(9, 3), [0, 4, 8]);
        assert_eq!(evenly(0, 3), [] as [usize; 0]);
    }
}
