use std::sync::Arc;

use sample::{Company, Scale, Summary, fill, organisation, scorecards};
use store::{Entity, Predicate, Query, Selection, Test};
use testbed::on_both;

fn small() -> Scale {
    Scale { order_lines: true, stage_history: true, ..part("0.001") }
}

fn entity(name: &str) -> &'static Entity {
    store::entity(name).unwrap()
}

fn part(factor: &str) -> Scale {
    factor.parse().unwrap()
}

fn rows(scale: &Scale, seed: u64) -> u64 {
    Company::generate(scale, seed).batches().map(|batch| batch.rows.len() as u64).sum()
}

on_both! {
    async fn a_filled_store_has_the_whole_company(database: Database) {
        let store = database.store();
        let mut heard = (0, 0);
        let summary = fill(store, &small(), 4, |made, all| heard = (made, all)).await.unwrap();
        assert_eq!(summary, Summary { inserted: rows(&small(), 4), ..Summary::default() });
        assert_eq!(heard.0, heard.1);
        assert_eq!(store.organisation().await.unwrap(), Some(organisation()));
        assert_eq!(store.count(entity("order"), &Predicate::always()).await.unwrap() as u64, small().orders);
        assert_eq!(store.count(entity("ticket"), &Predicate::always()).await.unwrap() as u64, small().tickets);
        assert!(store.count(entity("order_line"), &Predicate::always()).await.unwrap() as u64 > small().orders);
        assert!(store.count(entity("stage_entry"), &Predicate::always()).await.unwrap() as u64 > small().opportunities);
    }

    async fn filling_twice_changes_nothing(database: Database) {
        let store = database.store();
        fill(store, &small(), 4, |_, _| {}).await.unwrap();
        let customers = Arc::new(Selection::whole(entity("customer")));
        let before = store.page(&customers, &Query::default()).await.unwrap();
        let again = fill(store, &small(), 4, |_, _| {}).await.unwrap();
        assert_eq!(again, Summary { unchanged: rows(&small(), 4), ..Summary::default() });
        assert_eq!(store.page(&customers, &Query::default()).await.unwrap(), before);
    }

    async fn what_finishing_derives_leaves_the_company_as_it_was_made(database: Database) {
        let store = database.store();
        fill(store, &part("0.001"), 4, |_, _| {}).await.unwrap();
        let never = Predicate::Test { column: "acquired_at", test: Test::Known(false) };
        let company = Company::generate(&part("0.001"), 4);
        let made = company.batches().filter(|batch| batch.entity.name == "customer").flat_map(|batch| {
            let column = batch.columns.iter().position(|column| column.name == "acquired_at").unwrap();
            batch.rows.into_iter().filter(move |row| row[column].is_null())
        });
        assert_eq!(store.count(entity("customer"), &never).await.unwrap() as usize, made.count());
    }

    async fn the_scorecards_can_be_kept(database: Database) {
        let store = database.store();
        for scorecard in scorecards() {
            store.create_scorecard(&scorecard).await.unwrap();
        }
        let kept = store.scorecards(Scale::LAST_DAY).await.unwrap();
        assert_eq!(kept.iter().map(|scorecard| scorecard.key.as_str()).collect::<Vec<_>>(), ["company", "sales-rep"]);
    }
}
