//! Real data in, figures out: every data set is imported by its built-in profile, asked through GraphQL, and compared with figures that
//! were computed independently of this project (`expected.json` beside the data), on both backends.
//!
//! A figure is compared wherever a metric has its definition. Which those are is the tables below; nothing else here knows a data set.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use tests::database::Database;
use tests::figure::{Asker, Comparison, decimal};
use tests::service::{Service, data_sets};

/// How the unit of a metric becomes the unit of the figure.
#[derive(Clone, Copy)]
enum Unit {
    Same,
    Days,
    Hours,
}

use Unit::{Days, Hours, Same};

impl Unit {
    fn of(self, value: Decimal) -> Decimal {
        match self {
            Same => value,
            Days => value / Decimal::from(86_400),
            Hours => value / Decimal::from(3_600),
        }
    }
}

/// One figure of `expected.json`, or one column of a table of it.
struct Column {
    expected: &'static str,
    metric: &'static str,
    unit: Unit,
}

const fn column(expected: &'static str, metric: &'static str, unit: Unit) -> Column {
    Column { expected, metric, unit }
}

enum Check {
    /// Single figures of the organisation over a period, by id.
    Organisation { period: &'static str, figures: &'static [Column] },
    /// A table of the organisation over periods; the label of a row becomes a period.
    Periods { id: &'static str, label: &'static str, period: fn(&str) -> String, columns: &'static [Column] },
    /// A table of subjects; the label of a row becomes the subject's name.
    Subjects {
        id: &'static str,
        label: &'static str,
        connection: &'static str,
        name: fn(&str) -> String,
        period: &'static str,
        columns: &'static [Column],
    },
    /// A table of subjects; the label of a row is the subject's key in the source.
    Keyed { id: &'static str, label: &'static str, connection: &'static str, period: &'static str, columns: &'static [Column] },
}

struct Set {
    folder: &'static str,
    profile: &'static str,
    /// Fewer figures than this, and something is no longer compared.
    at_least: usize,
    checks: &'static [Check],
}

fn same(label: &str) -> String {
    label.to_owned()
}

/// `2017Q1` is the period `2017-Q1`.
fn quarter(label: &str) -> String {
    label.replace('Q', "-Q")
}

fn month_of_2009(label: &str) -> String {
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = months.iter().position(|month| *month == label).expect("a month");
    format!("2009-{:02}", month + 1)
}

const MAVEN_COLUMNS: &[Column] = &[
    column("won", "sales.won_count", Same),
    column("lost", "sales.loss_count", Same),
    column("open", "sales.opportunity_open_count", Same),
    column("win_rate", "sales.opportunity_conversion_rate", Same),
    column("won_revenue", "sales.won_amount", Same),
    column("avg_deal_size", "sales.avg_deal_size", Same),
    column("avg_days_to_close_won", "sales.cycle_days", Days),
    column("avg_days_to_close_closed", "sales.cycle_days_closed", Days),
    column("median_days_to_close_closed", "sales.cycle_median_closed", Days),
    column("open_list_value", "sales.open_list_amount", Same),
];
const MAVEN_PERIODS: &[Column] = &[
    column("won", "sales.won_count", Same),
    column("lost", "sales.loss_count", Same),
    column("win_rate", "sales.opportunity_conversion_rate", Same),
    column("revenue", "sales.won_amount", Same),
    column("avg_deal_size", "sales.avg_deal_size", Same),
    column("avg_days_to_close_won", "sales.cycle_days", Days),
    column("revenue_growth", "sales.growth_rate", Same),
];
const MAVEN: &str = "2016-10-01/2018-01-01";

const NORTHWIND: &str = "1996-07-01/1998-06-01";
const ADVENTURE: &str = "2017-07-01/2020-07-01";
const ATTAINMENT: &[Column] =
    &[column("sales", "sales.amount", Same), column("quota", "sales.quota", Same), column("attainment", "sales.quota_attainment", Same)];

const BANK: &[Column] = &[
    column("contacts", "marketing.message_count", Same),
    column("subscriptions", "marketing.conversion_count", Same),
    column("conversion", "marketing.conversion_rate", Same),
];
const TELCO: &[Column] = &[column("churn", "marketing.churn_rate", Same), column("arpu", "sales.amount_per_customer", Same)];
const COMPLAINTS: &[Column] = &[
    column("complaints", "service.complaint_count", Same),
    column("timely", "service.complaint_timely_rate", Same),
    column("disputed", "service.complaint_dispute_rate", Same),
];

static SETS: [Set; 8] = [
    Set {
        folder: "maven_crm",
        profile: "maven-crm",
        at_least: 330,
        checks: &[
            Check::Organisation {
                period: MAVEN,
                figures: &[
                    column("n_open", "sales.opportunity_open_count", Same),
                    column("win_rate", "sales.opportunity_conversion_rate", Same),
                    column("loss_rate", "sales.loss_rate", Same),
                    column("won_revenue", "sales.won_amount", Same),
                    column("avg_deal_size", "sales.avg_deal_size", Same),
                    column("avg_sales_cycle_won", "sales.cycle_days", Days),
                    column("avg_sales_cycle_closed", "sales.cycle_days_closed", Days),
                    column("median_sales_cycle_closed", "sales.cycle_median_closed", Days),
                    column("median_sales_cycle_won", "sales.cycle_median", Days),
                    column("p75_sales_cycle_won", "sales.cycle_p75", Days),
                    column("open_pipeline_list_value", "sales.open_list_amount", Same),
                    column("discount_rate_won", "sales.discount_rate", Same),
                    column("accounts_won", "sales.buying_customer_count", Same),
                    column("repurchase_rate", "sales.repurchase_rate", Same),
                    column("purchase_frequency", "sales.orders_per_customer", Same),
                    column("revenue_per_account", "sales.amount_per_customer", Same),
                ],
            },
            Check::Subjects { id: "by_manager", label: "manager", connection: "teams", name: same, period: MAVEN, columns: MAVEN_COLUMNS },
            Check::Subjects {
                id: "by_region",
                label: "regional_office",
                connection: "regions",
                name: same,
                period: MAVEN,
                columns: MAVEN_COLUMNS,
            },
            Check::Subjects {
                id: "by_product",
                label: "product_n",
                connection: "products",
                name: same,
                period: MAVEN,
                columns: MAVEN_COLUMNS,
            },
            Check::Subjects {
                id: "by_sector",
                label: "sector",
                connection: "segments",
                name: |sector| sector.replace("technolgy", "technology"),
                period: MAVEN,
                columns: MAVEN_COLUMNS,
            },
            Check::Periods { id: "by_quarter", label: "quarter", period: quarter, columns: MAVEN_PERIODS },
            Check::Periods { id: "by_month", label: "month", period: same, columns: MAVEN_PERIODS },
        ],
    },
    Set {
        folder: "northwind",
        profile: "northwind",
        at_least: 55,
        checks: &[
            Check::Organisation {
                period: NORTHWIND,
                figures: &[
                    column("nw_orders", "sales.order_count", Same),
                    column("nw_revenue", "sales.amount", Same),
                    column("nw_aov", "sales.avg_order_size", Same),
                    column("nw_repurchase", "sales.repurchase_rate", Same),
                    column("nw_frequency", "sales.orders_per_customer", Same),
                    column("nw_fulfil_days", "sales.fulfilment_days", Days),
                    column("nw_late", "sales.late_shipment_count", Same),
                    column("nw_on_time", "sales.on_time_shipment_rate", Same),
                ],
            },
            Check::Subjects {
                id: "nw_by_employee",
                label: "name",
                connection: "employees",
                name: same,
                period: NORTHWIND,
                columns: &[
                    column("orders", "sales.order_count", Same),
                    column("revenue", "sales.amount", Same),
                    column("aov", "sales.avg_order_size", Same),
                ],
            },
            Check::Periods {
                id: "nw_by_quarter",
                label: "q",
                period: quarter,
                columns: &[
                    column("orders", "sales.order_count", Same),
                    column("revenue", "sales.amount", Same),
                    column("growth", "sales.growth_rate", Same),
                ],
            },
        ],
    },
    Set {
        folder: "adventureworks_quota",
        profile: "adventureworks-quota",
        at_least: 300,
        checks: &[
            Check::Organisation {
                period: ADVENTURE,
                figures: &[
                    column("orders", "sales.order_count", Same),
                    column("revenue", "sales.amount", Same),
                    column("resellers", "sales.buying_customer_count", Same),
                    column("aov", "sales.avg_order_size", Same),
                    column("purchase_frequency", "sales.orders_per_customer", Same),
                    column("attainment_total", "sales.quota_attainment", Same),
                    column("quota_total", "sales.quota", Same),
                ],
            },
            Check::Keyed {
                id: "attainment_employee",
                label: "EmployeeKey",
                connection: "employees",
                period: ADVENTURE,
                columns: ATTAINMENT,
            },
            Check::Keyed {
                id: "by_territory",
                label: "SalesTerritoryKey",
                connection: "regions",
                period: ADVENTURE,
                columns: &[
                    column("revenue", "sales.amount", Same),
                    column("orders", "sales.order_count", Same),
                    column("resellers", "sales.buying_customer_count", Same),
                ],
            },
            Check::Periods { id: "attainment_quarter", label: "q", period: quarter, columns: ATTAINMENT },
            Check::Periods {
                id: "by_month",
                label: "m",
                period: same,
                columns: &[
                    column("revenue", "sales.amount", Same),
                    column("orders", "sales.order_count", Same),
                    column("resellers", "sales.buying_customer_count", Same),
                    column("aov", "sales.avg_order_size", Same),
                    column("growth", "sales.growth_rate", Same),
                ],
            },
        ],
    },
    Set {
        folder: "bank_marketing",
        profile: "bank-marketing",
        at_least: 80,
        checks: &[
            Check::Organisation {
                period: "2009",
                figures: &[
                    column("bk_rows", "marketing.message_count", Same),
                    column("bk_yes", "marketing.conversion_count", Same),
                    column("bk_rate", "marketing.conversion_rate", Same),
                    column("bk_calls", "marketing.contacts_total", Same),
                    column("bk_calls_per_sale", "marketing.contacts_per_conversion", Same),
                    column("bk_duration_yes", "marketing.contact_duration_avg_converted", Same),
                    column("bk_duration_no", "marketing.contact_duration_avg_not_converted", Same),
                ],
            },
            Check::Periods { id: "bk_by_month", label: "month", period: month_of_2009, columns: BANK },
            Check::Subjects {
                id: "bk_by_job",
                label: "job",
                connection: "segments",
                name: |job| format!("job: {job}"),
                period: "2009",
                columns: BANK,
            },
            Check::Subjects {
                id: "bk_by_marital",
                label: "marital",
                connection: "segments",
                name: |marital| format!("marital: {marital}"),
                period: "2009",
                columns: BANK,
            },
            Check::Subjects {
                id: "bk_by_housing",
                label: "housing",
                connection: "segments",
                name: |housing| format!("housing: {housing}"),
                period: "2009",
                columns: BANK,
            },
            Check::Subjects {
                id: "bk_by_contact",
                label: "contact",
                connection: "channels",
                name: |contact| contact[..1].to_uppercase() + &contact[1..],
                period: "2009",
                columns: BANK,
            },
        ],
    },
    Set {
        folder: "cdnow",
        profile: "cdnow",
        at_least: 8,
        checks: &[Check::Organisation {
            period: "1997-01-01/1998-07-01",
            figures: &[
                column("sample_transactions", "sales.order_count", Same),
                column("sample_customers", "sales.buying_customer_count", Same),
                column("sample_revenue", "sales.amount", Same),
                column("sample_cds", "sales.units", Same),
                column("sample_aov", "sales.avg_order_size", Same),
                column("sample_purchase_frequency", "sales.orders_per_customer", Same),
                column("sample_repurchase_rate", "sales.repurchase_rate", Same),
                column("sample_revenue_per_customer", "sales.amount_per_customer", Same),
            ],
        }],
    },
    Set {
        folder: "cfpb_complaints",
        profile: "cfpb-complaints",
        at_least: 35,
        checks: &[
            Check::Organisation {
                period: "2011-01-01/2018-01-01",
                figures: &[
                    column("cf_complaints", "service.complaint_count", Same),
                    column("cf_timely", "service.complaint_timely_rate", Same),
                    column("cf_disputed", "service.complaint_dispute_rate", Same),
                    column("cf_days_mean", "service.first_response_avg", Days),
                ],
            },
            Check::Subjects {
                id: "cf_by_product",
                label: "Product",
                connection: "products",
                name: same,
                period: "2011-01-01/2018-01-01",
                columns: COMPLAINTS,
            },
        ],
    },
    Set {
        folder: "nyc311",
        profile: "nyc311",
        at_least: 40,
        checks: &[
            Check::Organisation {
                period: "2014-01-01/2020-01-01",
                figures: &[
                    column("ny_requests", "service.case_volume", Same),
                    column("ny_closed", "service.cases_closed", Same),
                    column("ny_resolution_mean", "service.resolution_time_avg", Hours),
                    column("ny_resolution_median", "service.resolution_time_median", Hours),
                    column("ny_resolution_p90", "service.resolution_time_p90", Hours),
                    column("ny_sla", "service.resolution_sla_rate", Same),
                ],
            },
            Check::Subjects {
                id: "ny_by_agency",
                label: "Agency",
                connection: "teams",
                name: same,
                period: "2014-01-01/2020-01-01",
                columns: &[
                    column("requests", "service.case_volume", Same),
                    column("closed", "service.cases_closed", Same),
                    column("mean_h", "service.resolution_time_avg", Hours),
                    column("median_h", "service.resolution_time_median", Hours),
                ],
            },
        ],
    },
    Set {
        folder: "telco_churn",
        profile: "telco-churn",
        at_least: 19,
        checks: &[
            Check::Organisation { period: "2018-12", figures: &[column("rows", "marketing.customer_count", Same)] },
            Check::Organisation {
                period: "2019-01",
                figures: &[
                    column("churn_rate", "marketing.churn_rate", Same),
                    column("retention_rate", "marketing.retention_rate", Same),
                    column("mrr", "sales.amount", Same),
                    column("arpu", "sales.amount_per_customer", Same),
                ],
            },
            Check::Subjects {
                id: "by_Contract",
                label: "Contract",
                connection: "segments",
                name: |level| format!("Contract: {level}"),
                period: "2019-01",
                columns: TELCO,
            },
            Check::Subjects {
                id: "by_PaymentMethod",
                label: "PaymentMethod",
                connection: "segments",
                name: |level| format!("PaymentMethod: {level}"),
                period: "2019-01",
                columns: TELCO,
            },
        ],
    },
];

/// The figures beside a data set, by id.
struct Expected(BTreeMap<String, Value>);

impl Expected {
    fn of(folder: &str) -> Expected {
        let file = data_sets().join(folder).join("expected.json");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let entries: Vec<Value> = serde_json::from_str(&text).expect("a list of figures");
        Expected(entries.into_iter().map(|entry| (entry["id"].as_str().expect("an id").to_owned(), entry)).collect())
    }

    fn entry(&self, id: &str) -> &Value {
        self.0.get(id).unwrap_or_else(|| panic!("expected.json has no {id}"))
    }

    fn rows(&self, id: &str) -> &[Value] {
        self.entry(id)["rows"].as_array().unwrap_or_else(|| panic!("{id} is no table"))
    }

    /// The stated tolerance; figures are printed with ten decimals, so never finer than that.
    fn tolerance(&self, id: &str) -> Decimal {
        decimal(&self.entry(id)["tol"]).expect("a tolerance").max(Decimal::new(1, 8))
    }
}

fn metrics(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|column| column.metric).collect()
}

fn compare_row(
    comparison: &mut Comparison,
    what: &str,
    row: &Value,
    columns: &[Column],
    values: &BTreeMap<String, Option<Decimal>>,
    tolerance: Decimal,
) {
    for column in columns {
        let actual = values[column.metric].map(|value| column.unit.of(value));
        comparison.check(&format!("{what}, {}", column.expected), decimal(&row[column.expected]), actual, tolerance);
    }
}

fn run(check: &Check, expected: &Expected, asker: &Asker, comparison: &mut Comparison) {
    match check {
        Check::Organisation { period, figures } => {
            let values = asker.organisation(period, &metrics(figures));
            for figure in *figures {
                let actual = values[figure.metric].map(|value| figure.unit.of(value));
                comparison.check(
                    figure.expected,
                    decimal(&expected.entry(figure.expected)["value"]),
                    actual,
                    expected.tolerance(figure.expected),
                );
            }
        }
        Check::Periods { id, label, period, columns } => {
            for row in expected.rows(id) {
                let label = row[*label].as_str().expect("a label");
                let values = asker.organisation(&period(label), &metrics(columns));
                compare_row(comparison, &format!("{id} {label}"), row, columns, &values, expected.tolerance(id));
            }
        }
        Check::Subjects { id, label, connection, name, period, columns } => {
            let subjects = asker.subjects(connection, "name", period, &metrics(columns));
            compare_subjects(comparison, expected, id, columns, &subjects, |row| name(row[*label].as_str().expect("a label")));
        }
        Check::Keyed { id, label, connection, period, columns } => {
            let subjects = asker.subjects(connection, "externalKey", period, &metrics(columns));
            compare_subjects(comparison, expected, id, columns, &subjects, |row| row[*label].to_string());
        }
    }
}

fn compare_subjects(
    comparison: &mut Comparison,
    expected: &Expected,
    id: &str,
    columns: &[Column],
    subjects: &BTreeMap<String, BTreeMap<String, Option<Decimal>>>,
    subject: impl Fn(&Value) -> String,
) {
    for row in expected.rows(id) {
        let subject = subject(row);
        let values = subjects.get(&subject).unwrap_or_else(|| panic!("{id}: there is no {subject}"));
        compare_row(comparison, &format!("{id} {subject}"), row, columns, values, expected.tolerance(id));
    }
}

fn agrees(folder: &str, database: Database) {
    let set = SETS.iter().find(|set| set.folder == folder).expect("a set");
    let expected = Expected::of(set.folder);
    let service = Service::of_data_set(database, set.profile, set.folder);
    let asker = Asker::of(&service);
    let mut comparison = Comparison::default();
    set.checks.iter().for_each(|check| run(check, &expected, &asker, &mut comparison));
    let compared = comparison.finish();
    println!("{}: {compared} figures agree", set.folder);
    assert!(compared >= set.at_least, "only {compared} figures of {} were compared", set.folder);
}

macro_rules! data_set {
    ($name:ident) => {
        mod $name {
            #[test]
            fn agrees_on_sqlite() {
                super::agrees(stringify!($name), super::Database::sqlite());
            }

            #[test]
            fn agrees_on_postgres() {
                super::agrees(stringify!($name), super::Database::postgres());
            }
        }
    };
}

data_set!(maven_crm);
data_set!(northwind);
data_set!(adventureworks_quota);
data_set!(bank_marketing);
data_set!(cdnow);
data_set!(cfpb_complaints);
data_set!(nyc311);
data_set!(telco_churn);
