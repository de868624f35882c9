//! Acme visits: how many visits a won opportunity takes.

pack_sdk::metric_pack! {
    id: "acme_visits",
    title: { "en": "Acme visits" },
    inputs: {
        visits: { "measure": { "agg": "count", "source": "activities", "where": { "kind": "VISIT", "done": true } } },
        won: { "measure": { "agg": "count", "source": "opportunities", "where": { "outcome": "WON" } } },
    },
    metrics: {
        visits_per_win(visits, won) = visits / won, {
            "title": { "en": "Visits per win" },
            "description": { "en": "Visits held in the period over opportunities won in it." },
            "kind": "number", "unit": "count", "direction": "down", "class": "NQSPET/INT",
            "source": "Acme's sales manual"
        };
    }
}
