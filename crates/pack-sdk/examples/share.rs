//! A ratio of three inputs, for the benchmark of the registry, which also has it linked in.

pack_sdk::metric_pack! {
    id: "share",
    title: { "en": "Share" },
    inputs: {
        won: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
        lost: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "LOST" } } },
        visits: { "measure": { "agg": "count", "source": "activities", "where": { "kind": "VISIT" } } },
    },
    metrics: {
        per_visit(won, lost, visits) = (won - lost) / visits, {
            "title": { "en": "Net wins per visit" }, "description": { "en": "Won less lost, over visits." },
            "kind": "ratio", "unit": "ratio", "direction": "up", "class": "NQSR-T/CUS", "source": "test"
        };
    }
}
