//! What an operation asks of the engine, all in one batch: figures, targets and scorecards, wherever they are selected.
//!
//! The batch waits for lists that are being read, because the figures of their records belong to it. So what an operation costs does
//! not depend on how many subjects, metrics and periods it names, nor on how deep they stand.

use std::sync::Arc;

use engine::{AllAnswers, Cell, Context, Evaluation, ScoreRequest, ScorecardResult};
use rust_decimal::Decimal;

use crate::error::Fail;
use crate::loader::Patience;
use crate::request::Requested;
use crate::scorecard::Asked;

/// One thing that the engine is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    Figure(Cell),
    Target(Cell),
    Score(Asked),
}

/// What it answers, in the kind of what was asked.
#[derive(Clone)]
pub enum Told {
    Figure(Arc<Evaluation>),
    Target(Option<Decimal>),
    /// A scorecard can be asked wrongly, and then fails alone.
    Score(Result<Arc<ScorecardResult>, Fail>),
}

/// What is asked, by kind.
#[derive(Default)]
struct Sorted {
    cells: Vec<Cell>,
    targets: Vec<Cell>,
    scores: Vec<Asked>,
}

impl Requested {
    /// The value of one cell.
    pub async fn evaluate(&self, cell: &Cell) -> Result<Arc<Evaluation>, Fail> {
        Ok(self.evaluate_all(std::slice::from_ref(cell)).await?.swap_remove(0))
    }

    /// The values of several cells, in their order.
    pub async fn evaluate_all(&self, cells: &[Cell]) -> Result<Vec<Arc<Evaluation>>, Fail> {
        let told = self.ask(cells.iter().cloned().map(Ask::Figure).collect()).await?;
        let evaluation = |told| match told {
            Told::Figure(evaluation) => Some(evaluation),
            Told::Target(_) | Told::Score(_) => None,
        };
        Ok(told.into_iter().filter_map(evaluation).collect())
    }

    /// The target kept for a cell.
    pub async fn target(&self, cell: &Cell) -> Result<Option<Decimal>, Fail> {
        match self.ask(vec![Ask::Target(cell.clone())]).await?.swap_remove(0) {
            Told::Target(target) => Ok(target),
            Told::Figure(_) | Told::Score(_) => Ok(None),
        }
    }

    /// What a scorecard gives. What was evaluated for it is then known.
    pub async fn score(&self, asked: &Asked) -> Result<Arc<ScorecardResult>, Fail> {
        match self.ask(vec![Ask::Score(asked.clone())]).await?.swap_remove(0) {
            Told::Score(result) => result,
            Told::Figure(_) | Told::Target(_) => Err(Fail::input("this is no scorecard")),
        }
    }

    async fn ask(&self, all: Vec<Ask>) -> Result<Vec<Told>, Fail> {
        let context = self.context().await?;
        let fetch = |all: Vec<Ask>| async move { self.answer(context, all).await };
        self.figures.load_all(&all, &self.traffic, Patience::Traffic, fetch).await
    }

    async fn answer(&self, context: &Context, all: Vec<Ask>) -> Result<Vec<Told>, Fail> {
        let sorted = Sorted::of(&all);
        let requests: Vec<ScoreRequest> = sorted.scores.iter().map(request).collect();
        let answers = self.engine.answer_all(context, &self.packs, &sorted.cells, &sorted.targets, &requests).await;
        let (figures, targets, results) = match answers {
            Ok(AllAnswers { evaluations, targets, results }) => {
                (evaluations, targets, results.into_iter().map(|result| Ok(Arc::new(result))).collect())
            }
            Err(engine::Error::WhatIf { .. } | engine::Error::WrongSubject { .. }) => {
                self.answer_apart(context, &sorted, &requests).await?
            }
            Err(error) => return Err(error.into()),
        };
        // Remembering thousands of figures that nobody can ask for costs more memory than the answer.
        if self.selected.figures() {
            sorted.scores.iter().zip(&results).for_each(|(asked, result)| self.know(asked, result));
        }
        let mut figures = figures.into_iter().map(|evaluation| Told::Figure(Arc::new(evaluation)));
        let mut targets = targets.into_iter().map(Told::Target);
        let mut results = results.into_iter().map(Told::Score);
        let told = all.iter().map(|ask| match ask {
            Ask::Figure(_) => figures.next(),
            Ask::Target(_) => targets.next(),
            Ask::Score(_) => results.next(),
        });
        Ok(told.flatten().collect())
    }

    /// Where one scorecard is asked wrongly, the others and all figures are still answered.
    async fn answer_apart(&self, context: &Context, sorted: &Sorted, requests: &[ScoreRequest]) -> Result<Answered, Fail> {
        let answers = self.engine.answer_all(context, &self.packs, &sorted.cells, &sorted.targets, &[]).await?;
        let mut results = Vec::with_capacity(requests.len());
        for request in requests {
            let result = self.engine.score(context, &self.packs, std::slice::from_ref(request)).await;
            results.push(result.map(|mut results| Arc::new(results.swap_remove(0))).map_err(Fail::from));
        }
        Ok((answers.evaluations, answers.targets, results))
    }

    /// Takes over what scoring has evaluated anyway.
    fn know(&self, asked: &Asked, result: &Result<Arc<ScorecardResult>, Fail>) {
        let Ok(result) = result else { return };
        for (node, found) in asked.scorecard.nodes.iter().zip(&result.nodes) {
            if let (Some(leaf), Some(evaluation), None) = (&node.leaf, &found.evaluation, found.carried_from) {
                let cell = Cell {
                    metric: leaf.metric.clone(),
                    parameters: leaf.parameters.clone(),
                    subject: asked.subject,
                    within: None,
                    period: asked.period,
                };
                self.figures.know(Ask::Figure(cell), Told::Figure(evaluation.clone()));
            }
        }
    }
}

/// Values, targets and results, each in the order of what was asked.
type Answered = (Vec<Evaluation>, Vec<Option<Decimal>>, Vec<Result<Arc<ScorecardResult>, Fail>>);

impl Sorted {
    fn of(all: &[Ask]) -> Sorted {
        let mut sorted = Sorted::default();
        for ask in all {
            match ask {
                Ask::Figure(cell) => sorted.cells.push(cell.clone()),
                Ask::Target(cell) => sorted.targets.push(cell.clone()),
                Ask::Score(asked) => sorted.scores.push(asked.clone()),
            }
        }
        sorted
    }
}

fn request(asked: &Asked) -> ScoreRequest {
    ScoreRequest {
        scorecard: asked.scorecard.clone(),
        subject: asked.subject,
        period: asked.period,
        what_if: asked.what_if.as_deref().cloned(),
    }
}
