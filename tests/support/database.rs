//! A database for one test, as the command line names it.

use std::sync::{LazyLock, Mutex};

pub use testbed::Cluster;
use tokio::runtime::Runtime;

/// What the databases' connections run on; the tests themselves wait for whole processes and answers.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

pub struct Database {
    pub url: String,
    /// Keeps the database until the test ends.
    _owner: Option<Mutex<testbed::Database>>,
}

impl Database {
    pub fn sqlite() -> Database {
        Database::owned(RUNTIME.block_on(testbed::Database::sqlite()))
    }

    pub fn postgres() -> Database {
        Database::owned(RUNTIME.block_on(testbed::Database::postgres()))
    }

    /// The first database of a server that the test may stop.
    pub fn in_cluster(cluster: &Cluster) -> Database {
        Database { url: cluster.url("postgres"), _owner: None }
    }

    fn owned(database: testbed::Database) -> Database {
        Database { url: database.url().to_owned(), _owner: Some(Mutex::new(database)) }
    }
}
