//! The engine over the generated company, with the standard packs loaded: real answers, the number of statements they cost, and
//! that wholes are made of their parts.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use engine::{Cell, Context, Engine, Evaluation, Grain, Outcome, Period, ScoreRequest, Scorecard, Subject, WhatIf};
use manifest::SubjectKind;
use registry::{Registry, Snapshot};
use rust_decimal::Decimal;
use sample::Scale;
use store::{Predicate, Store};
use tempfile::TempDir;

struct Company {
    engine: Engine,
    context: Context,
    packs: Arc<Snapshot>,
    employees: Vec<i64>,
    _folder: TempDir,
}

/// A small one, on SQLite: what differs between databases is the store's business and tested there.
async fn company() -> Company {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::connect(&format!("sqlite:{}", folder.path().join("company.db").display())).await.unwrap();
    store.migrate().await.unwrap();
    let scale = Scale {
        orders: 1_500,
        customers: 150,
        opportunities: 900,
        tickets: 800,
        members: 900,
        leads: 500,
        activities: 700,
        surveys: 400,
        ..Scale::demo()
    };
    sample::fill(&store, &scale, 1, |_, _| {}).await.unwrap();
    let packs = folder.path().join("packs");
    std::fs::create_dir(&packs).unwrap();
    for file in standard_packs() {
        std::fs::copy(&file, packs.join(file.file_name().unwrap())).unwrap();
    }
    let (registry, refusals) = Registry::open(&packs, &folder.path().join("vault"));
    assert!(refusals.is_empty(), "{refusals:?}");
    let employees = store.subject_ids(SubjectKind::Employee, &Predicate::always()).await.unwrap();
    let engine = Engine::new(store, registry);
    let as_of = scale.last_day.succ_opt().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let context = engine.context(as_of).await.unwrap();
    let packs = engine.registry().snapshot();
    Company { engine, context, packs, employees, _folder: folder }
}

/// Cargo says where it builds them.
fn standard_packs() -> Vec<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(["build", "-p", "sales", "-p", "service", "-p", "marketing", "--message-format", "json-render-diagnostics"]);
    let run = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs, since it ran this test");
    assert!(run.status.success(), "the packs do not build:\n{}", String::from_utf8_lossy(&run.stderr));
    let messages = run.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    let names = messages.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let files = names.filter_map(|name| name.as_str().map(PathBuf::from));
    files
        .filter(|file| {
            file.extension().is_some_and(|ending| ending == "so") && file.parent().is_some_and(|folder| !folder.ends_with("deps"))
        })
        .collect()
}

impl Company {
    fn cell(&self, metric: &str, subject: Subject, period: &str) -> Cell {
        Cell { metric: metric.into(), parameters: Default::default(), subject, within: None, period: period.parse().unwrap() }
    }

    async fn evaluate(&self, cells: &[Cell]) -> Vec<Evaluation> {
        self.engine.evaluate(&self.context, &self.packs, cells).await.unwrap()
    }

    fn employees(&self) -> impl Iterator<Item = Subject> + '_ {
        self.employees.iter().map(|&id| Subject { kind: SubjectKind::Employee, id })
    }

    fn metrics(&self) -> Vec<String> {
        let keys = self
            .packs
            .packs()
            .iter()
            .flat_map(|pack| pack.manifest().metrics.iter().map(|metric| format!("{}.{}", pack.manifest().id, metric.key)));
        keys.collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_answers_for_every_kind_of_subject() {
    let company = company().await;
    let mut cells = Vec::new();
    for kind in SubjectKind::ALL {
        let id = if kind == SubjectKind::Organisation { 0 } else { 1 };
        cells.extend(
            company.metrics().iter().flat_map(|key| ["2026-Q2", "2025"].map(|period| company.cell(key, Subject { kind, id }, period))),
        );
    }
    let answers = company.evaluate(&cells).await;
    for (cell, answer) in cells.iter().zip(&answers) {
        assert_ne!(answer.outcome, Outcome::Fault, "{} of {:?}: {:?}", cell.metric, cell.subject, answer.reason);
        assert_eq!(answer.value.is_none(), answer.reason.is_some(), "{}", cell.metric);
    }
    let of_organisation = cells.iter().zip(&answers).filter(|(cell, _)| cell.subject == Subject::ORGANISATION);
    let silent: Vec<_> =
        of_organisation.filter(|(_, answer)| answer.value.is_none()).map(|(cell, answer)| (&cell.metric, &answer.reason)).collect();
    assert!(silent.len() * 10 < company.metrics().len() * 2, "{silent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_depend_on_sources_and_not_on_subjects_or_periods() {
    let company = company().await;
    let keys = ["sales.amount", "sales.opportunity_conversion_rate", "sales.cycle_days", "sales.quota_attainment", "sales.growth_rate_yoy"];
    let cells = |subjects: usize, periods: &[&str]| -> Vec<Cell> {
        let subjects: Vec<Subject> = company.employees().take(subjects).collect();
        let pairs = keys.iter().flat_map(|key| subjects.iter().map(move |subject| (key, *subject)));
        pairs.flat_map(|(key, subject)| periods.iter().map(|period| company.cell(key, subject, period)).collect::<Vec<_>>()).collect()
    };
    let mut counts = Vec::new();
    for cells in [cells(1, &["2026-Q2"]), cells(28, &["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026", "2026-05"])] {
        let before = company.engine.store().statements();
        company.evaluate(&cells).await;
        counts.push(company.engine.store().statements() - before);
    }
    // Orders, closed opportunities, targets.
    assert_eq!(counts, [3, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wholes_are_the_sums_of_their_parts() {
    let company = company().await;
    let year: Period = "2025".parse().unwrap();
    for grain in [Grain::Quarter, Grain::Month, Grain::Week, Grain::Day] {
        let parts = year.split(grain, &company.context).unwrap();
        let cell = |period: &Period| company.cell("sales.amount", Subject::ORGANISATION, &period.to_string());
        let cells: Vec<Cell> = parts.iter().chain([&year]).map(cell).collect();
        let mut values: Vec<Decimal> = company.evaluate(&cells).await.into_iter().map(|answer| answer.value.unwrap()).collect();
        let whole = values.pop().unwrap();
        assert_eq!(values.into_iter().sum::<Decimal>(), whole, "{grain:?}");
        assert!(whole > Decimal::ZERO);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scorecards_of_everyone_cost_as_many_statements_as_of_one_and_their_parts_add_up() {
    let company = company().await;
    let record = sample::scorecards().into_iter().find(|card| card.subject_kind == SubjectKind::Employee).unwrap();
    let card = Arc::new(Scorecard::read_with(&record, &company.packs).unwrap());
    let requests = |subjects: usize, periods: &[&str]| -> Vec<ScoreRequest> {
        let pairs = company.employees().take(subjects).flat_map(|subject| periods.iter().map(move |period| (subject, *period)));
        pairs
            .map(|(subject, period)| ScoreRequest { scorecard: card.clone(), subject, period: period.parse().unwrap(), what_if: None })
            .collect()
    };
    let mut counts = Vec::new();
    let mut results = Vec::new();
    for requests in [requests(1, &["2026-Q2"]), requests(28, &["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"])] {
        let before = company.engine.store().statements();
        results = company.engine.score(&company.context, &company.packs, &requests).await.unwrap();
        counts.push(company.engine.store().statements() - before);
    }
    assert_eq!(counts[0], counts[1]);
    let scored: Vec<_> = results.iter().filter(|result| result.score.is_some()).collect();
    assert!(scored.len() > 20, "{} of {}", scored.len(), results.len());
    for result in scored {
        let leaves = card.nodes.iter().zip(&result.nodes).filter(|(node, _)| node.leaf.is_some());
        assert_eq!(leaves.filter_map(|(_, node)| node.contribution).sum::<Decimal>(), result.score.unwrap());
        assert!(result.grade.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assumptions_change_the_score_and_nothing_else() {
    let company = company().await;
    let record = sample::scorecards().into_iter().find(|card| card.subject_kind == SubjectKind::Organisation).unwrap();
    let card = Arc::new(Scorecard::read_with(&record, &company.packs).unwrap());
    let request =
        |what_if| ScoreRequest { scorecard: card.clone(), subject: Subject::ORGANISATION, period: "2026-Q2".parse().unwrap(), what_if };
    let assumed = WhatIf {
        values: vec![("market".into(), Decimal::ONE)],
        targets: vec![("yoy".into(), Decimal::ONE_HUNDRED)],
        weights: vec![("learning".into(), Decimal::ZERO)],
    };
    let unknown = WhatIf { values: vec![("nobody".into(), Decimal::ONE)], ..WhatIf::default() };
    let score = async |requests: &[ScoreRequest]| company.engine.score(&company.context, &company.packs, requests).await;
    let results = score(&[request(None), request(Some(assumed)), request(None)]).await.unwrap();
    let at = |key: &str| card.nodes.iter().position(|node| &*node.key == key).unwrap();
    assert_eq!(results[0], results[2]);
    assert_eq!(results[1].nodes[at("market")].score, Some(Decimal::ONE_HUNDRED));
    assert_eq!(results[1].nodes[at("yoy")].target, Some(Decimal::ONE_HUNDRED));
    assert_eq!(results[1].nodes[at("learning")].effective_weight, Decimal::ZERO);
    assert!(score(&[request(Some(unknown))]).await.unwrap_err().to_string().contains("there is no node `nobody`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_explained_can_be_followed_to_its_records() {
    let company = company().await;
    let cell = company.cell("sales.opportunity_conversion_rate", company.employees().nth(3).unwrap(), "2025");
    let answer = company.evaluate(std::slice::from_ref(&cell)).await.remove(0);
    let inputs = company.engine.explain(&company.context, &company.packs, &cell).unwrap();
    assert_eq!(inputs.len(), answer.inputs.len());
    for (input, value) in inputs.iter().zip(&answer.inputs) {
        assert!(input.sql.as_ref().unwrap().contains("SELECT"));
        let records = company.engine.records(input, None, 10_000).await.unwrap();
        assert_eq!(Some(Decimal::from(records.len())), value.value, "{}", input.name);
    }
}
