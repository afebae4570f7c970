//! What the law predicts, by the names of the metrics.

use super::{FirstOrder, Prediction};

/// A quantity that the law predicts.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    /// Name of the metric that measures it.
    pub metric: &'static str,
    /// What tables call it.
    pub title: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// The prediction; none where the law says nothing.
    pub predicted: fn(&Prediction) -> Option<f64>,
    /// What the formula gives, also near the critical load.
    pub formula: fn(&FirstOrder) -> f64,
}

/// All of them, in the order of reading.
pub const QUANTITIES: [Quantity; 5] = [
    Quantity {
        metric: "arrival_rate",
        title: "arrivals",
        unit: "1/s",
        predicted: |prediction| prediction.predicted_arrival_rate,
        formula: |first_order| first_order.arrival_rate,
    },
    Quantity {
        metric: "queue_growth",
        title: "growth",
        unit: "1/s",
        predicted: |prediction| prediction.predicted_queue_growth,
        formula: |first_order| first_order.queue_growth,
    },
    Quantity {
        metric: "queue_last",
        title: "queue at end",
        unit: "messages",
        predicted: |prediction| prediction.predicted_queue_last,
        formula: |first_order| first_order.queue_last,
    },
    Quantity {
        metric: "logical_rate",
        title: "logical rate",
        unit: "units/s",
        predicted: |prediction| prediction.predicted_logical_rate,
        formula: |first_order| first_order.logical_rate,
    },
    Quantity {
        metric: "clock_final",
        title: "final clock",
        unit: "units",
        predicted: |prediction| prediction.predicted_clock_final,
        formula: |first_order| first_order.clock_final,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::catalog;

    #[test]
    fn every_quantity_is_measured_in_its_unit() {
        for quantity in QUANTITIES {
            let metric = catalog::metric(quantity.metric).expect("a metric");
            let brief = metric.unit.replace("messages/s", "1/s");
            assert_eq!(brief, quantity.unit, "{}", quantity.metric);
        }
    }
}
