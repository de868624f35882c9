//! What `/metrics` shows of packs: how each version that serves is used, and how all stand.
//!
//! The registry counts; a family is made of its counts when somebody looks. So a pack that is gone is gone from here too, and no label
//! stays behind for every version that ever was.

use prometheus::proto::MetricFamily;
use prometheus::{CounterVec, IntCounterVec, IntGaugeVec, Opts, Registry, Result};
use registry::{Standing, State};

const STATES: [State; 6] = [State::Loaded, State::Probation, State::Quarantined, State::Trying, State::Refused, State::Unavailable];

pub fn families(standings: &[Standing]) -> Result<Vec<MetricFamily>> {
    let counter = |name, about| IntCounterVec::new(Opts::new(name, about), &["pack", "version", "tier"]);
    let calls = counter("counterpoise_pack_calls_total", "Batches that a pack has computed, faulty ones included")?;
    let rows = counter("counterpoise_pack_rows_total", "Rows that a pack has computed")?;
    let faults = counter("counterpoise_pack_faults_total", "Batches that were discarded because a pack failed")?;
    let about = Opts::new(
        "counterpoise_pack_seconds_total",
        "How long a pack has computed, the way to it and back included; of small batches by a sample",
    );
    let seconds = CounterVec::new(about, &["pack", "version", "tier"])?;
    let about = Opts::new("counterpoise_pack_versions_mapped", "Versions of a pack whose code is in the service's memory");
    let mapped = IntGaugeVec::new(about, &["pack"])?;
    for standing in standings {
        let (Some(tier), Some(pack), Some(version)) = (standing.tier, &standing.id, &standing.version) else { continue };
        let labels = [pack, version, tier.name()];
        calls.with_label_values(&labels).inc_by(standing.used.calls);
        rows.with_label_values(&labels).inc_by(standing.used.rows);
        faults.with_label_values(&labels).inc_by(standing.used.faults);
        seconds.with_label_values(&labels).inc_by(standing.used.time.as_secs_f64());
        mapped.with_label_values(&[pack]).set(i64::try_from(standing.mapped_versions).unwrap_or(i64::MAX));
    }
    let registry = Registry::new();
    for family in [calls, rows, faults] {
        registry.register(Box::new(family))?;
    }
    registry.register(Box::new(seconds))?;
    registry.register(Box::new(mapped))?;
    registry.register(Box::new(by_state(standings)?))?;
    Ok(registry.gather())
}

fn by_state(standings: &[Standing]) -> Result<IntGaugeVec> {
    let gauge = IntGaugeVec::new(Opts::new("counterpoise_packs", "Pack files by how they stand"), &["state"])?;
    for state in STATES {
        let count = standings.iter().filter(|standing| standing.state == state).count();
        gauge.with_label_values(&[state.name()]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    Ok(gauge)
}
