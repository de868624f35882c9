//! A pack whose metrics are estimates, for the tests of the registry: computed in floats beside exact ones, over columns of every type.

use pack_sdk::RowMetric;

/// A share of few, drawn towards what is usual.
struct Smoothed;

impl RowMetric<2, 2> for Smoothed {
    fn row([won, closed]: [f64; 2], [prior, weight]: [f64; 2]) -> Option<f64> {
        let trials = closed + weight;
        (trials != 0.0).then(|| (won + prior * weight) / trials)
    }
}

/// How far two figures are apart, on a scale that ends at 1. Money comes as an exact decimal.
struct Contrast;

impl RowMetric<2> for Contrast {
    fn row([spent, rating]: [f64; 2], []: [f64; 0]) -> Option<f64> {
        let sum = spent + rating;
        (sum != 0.0).then(|| (spent - rating) / sum)
    }
}

/// A chance that grows by the same odds with each.
struct Chance;

impl RowMetric<2> for Chance {
    fn row([won, closed]: [f64; 2], []: [f64; 0]) -> Option<f64> {
        Some(1.0 / (1.0 + (0.1 * closed - 0.25 * won).exp()))
    }
}

pack_sdk::metric_pack! {
    id: "estimates",
    title: { "en": "Estimates" },
    inputs: {
        won: { "type": "float", "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
        closed: { "type": "integer", "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": ["WON", "LOST"] } } },
        spent: { "measure": { "agg": "sum", "source": "orders", "of": "amount" } },
        rating: { "type": "float", "measure": { "agg": "avg", "source": "survey_responses", "of": "score" } },
    },
    parameters: {
        prior: { "description": { "en": "The usual share." }, "type": "float", "default": "0.3", "min": 0, "max": 1 },
        weight: { "description": { "en": "How much it counts." }, "type": "integer", "default": 4, "min": 0, "max": 100 },
    },
    metrics: {
        smoothed(won, closed; prior, weight) = (won + prior * weight) / (closed + weight), float Smoothed, {
            "title": { "en": "Win rate, smoothed" }, "description": { "en": "Won over closed, drawn towards the usual." },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        chance(won, closed) = 1 / (1 + exp(0.1 * closed - 0.25 * won)), float Chance, {
            "title": { "en": "Chance" }, "description": { "en": "Of winning the next, by a logistic curve." },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        contrast(spent, rating) = (spent - rating) / (spent + rating), float Contrast, {
            "title": { "en": "Contrast" }, "description": { "en": "Spent against rated." },
            "kind": "score", "unit": "score", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        twice(closed) = 2 * closed, {
            "output": { "type": "integer" },
            "title": { "en": "Twice" }, "description": { "en": "Closed, twice." },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        each(spent, closed) = spent / closed, {
            "title": { "en": "Spent for each" }, "description": { "en": "Spent over closed, exact." },
            "kind": "money", "unit": "money", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
    }
}
