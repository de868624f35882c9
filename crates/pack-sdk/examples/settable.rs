//! A pack whose metrics have parameters, for the tests of the registry: declared once, used by name, in the order each metric lists.

pack_sdk::metric_pack! {
    id: "settable",
    title: { "en": "Settable" },
    inputs: {
        won: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
        closed: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": ["WON", "LOST"] } } },
    },
    parameters: {
        prior: {
            "description": { "en": "Phantom losses that a rate of few is shrunk by." },
            "type": "integer", "default": 2, "min": 0, "max": 100
        },
        weight: { "description": { "en": "What a won one counts." }, "type": "decimal", "default": "0.5", "min": -2, "max": "1.25" },
    },
    metrics: {
        shrunk_rate(won, closed; prior) = won / (closed + prior), {
            "title": { "en": "Win rate, shrunk" }, "description": { "en": "Won over closed and a prior." },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        points(won; weight, prior) = won * weight - prior, {
            "title": { "en": "Points" }, "description": { "en": "Weighted, less the prior." },
            "kind": "score", "unit": "points", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        judged(won, closed; prior) = choose(all(ge(closed, prior), not(eq(closed, 0))), round(won / closed, 2) * 0.5, -1), {
            "title": { "en": "Rate, judged" }, "description": { "en": "Half the rate where enough were closed, else -1." },
            "kind": "number", "unit": "index", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        plain(won) = won, {
            "title": { "en": "Won" }, "description": { "en": "Won opportunities." },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
    }
}
