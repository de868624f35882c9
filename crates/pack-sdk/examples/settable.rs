//! A pack whose metrics have parameters, for the tests of the registry: declared once, used by name, in the order each metric lists.

pack_sdk::metric_pack! {
    id: "settable",
    title: { "en": "Settable" },
    about: { "vendor": "Acme", "homepage": "https://acme.example", "licence": "MIT" },
    inputs: {
        won: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
        waiting: { "measure": { "agg": "count", "source": "tickets", "where": { "age": { "gt": { "parameter": "old" } } } }, "shift": "end" },
        closed: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": ["WON", "LOST"] } } },
    },
    parameters: {
        old: { "description": { "en": "When a case is old." }, "type": "integer", "unit": "days", "default": 7, "min": 0 },
        prior: {
            "description": { "en": "Phantom losses that a rate of few is shrunk by." },
            "type": "integer", "default": 2, "min": 0, "max": 100
        },
        weight: { "description": { "en": "What a won one counts." }, "type": "decimal", "default": "0.5", "min": -2, "max": "1.25" },
    },
    metrics: {
        shrunk_rate(won, closed; prior) = won / (closed + prior), {
            "title": { "en": "Win rate, shrunk" }, "description": { "en": "Won over closed and a prior." },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "test",
            "bands": [{ "status": "off_track", "to": "0.25" }, { "status": "on_track", "from": "0.25" }],
            "examples": [
                { "inputs": { "won": 3, "closed": 4 }, "value": "0.5" },
                { "inputs": { "won": 3, "closed": 4 }, "parameters": { "prior": 0 }, "value": "0.75" },
                { "inputs": { "won": 0, "closed": 0 }, "parameters": { "prior": 0 }, "null": true }
            ]
        };
        points(won; weight, prior) = won * weight - prior, {
            "title": { "en": "Points" }, "description": { "en": "Weighted, less the prior." },
            "kind": "score", "unit": "points", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        judged(won, closed; prior) = choose(all(ge(closed, prior), not(eq(closed, 0))), round(won / closed, 2) * 0.5, -1), {
            "title": { "en": "Rate, judged" }, "description": { "en": "Half the rate where enough were closed, else -1." },
            "kind": "number", "unit": "index", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
        old_cases(waiting; old) = waiting, {
            "title": { "en": "Old cases" }, "description": { "en": "Cases that have been open for long." },
            "kind": "count", "unit": "count", "direction": "down", "class": "NQSPCT/INT", "source": "test"
        };
        plain(won) = won, {
            "title": { "en": "Won" }, "description": { "en": "Won opportunities." },
            "kind": "count", "unit": "count", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
    }
}
