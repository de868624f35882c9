//! Imports into a database: what a mapping can say, and what becomes of bad input.

use std::io::Write;
use std::path::Path;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use import::{ImportError, OnError, Options, Profile, Progress, Summary};
use store::{Statement, Store};
use tempfile::TempDir;
use testbed::on_both;

const HEAD: &str = "name = \"test\"\n[organisation]\nname = \"Test\"\ncurrency = \"EUR\"\ntime_zone = \"Europe/Berlin\"\n";

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn import_with(store: &Store, mapping: &str, dir: &Path, on_error: OnError) -> Result<Summary, ImportError> {
    let profile = Profile::parse(&format!("{HEAD}{mapping}"), "test.toml").unwrap_or_else(|error| panic!("{error}"));
    let mut progress = |_: Progress| {};
    import::run(store, &profile, dir, Options { on_error, batch_rows: 2, progress: &mut progress }).await
}

async fn import(store: &Store, mapping: &str, files: &[(&str, &[u8])]) -> Result<Summary, ImportError> {
    import_with(store, mapping, folder(files).path(), OnError::Stop).await
}

async fn skipping(store: &Store, mapping: &str, files: &[(&str, &[u8])]) -> Summary {
    import_with(store, mapping, folder(files).path(), OnError::Skip).await.unwrap_or_else(|error| panic!("{error}"))
}

fn counts(summary: &Summary, entity: &str) -> [u64; 5] {
    let of = summary.entity(entity).unwrap_or_else(|| panic!("no {entity} in {summary:?}"));
    [of.read, of.inserted, of.updated, of.unchanged, of.skipped]
}

#[derive(QueryableByName)]
struct Cells {
    #[diesel(sql_type = Nullable<Text>)]
    cell: Option<String>,
}

/// One text per row; the query names it `cell`.
async fn cells(store: &Store, sql: &str) -> Vec<String> {
    let rows = store.rows::<Cells>(&Statement::new(sql)).await.unwrap_or_else(|error| panic!("{error}"));
    rows.into_iter().map(|row| row.cell.unwrap_or_else(|| "null".into())).collect()
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

async fn number(store: &Store, sql: &str) -> i64 {
    store.rows::<Number>(&Statement::new(sql)).await.unwrap_or_else(|error| panic!("{error}"))[0].number
}

async fn count(store: &Store, table: &str) -> i64 {
    number(store, &format!("SELECT COUNT(*) AS number FROM {table}")).await
}

fn micros(text: &str) -> String {
    text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros().to_string()
}

/// The command line may run an import on any thread.
#[allow(dead_code)]
fn an_import_can_be_sent(store: &Store, profile: &Profile, options: Options) {
    fn sent(_: impl Send) {}
    sent(import::run(store, profile, Path::new("."), options));
}

const CUSTOMERS: &str =
    "[file.c]\npath = \"c.csv\"\n[[record]]\nentity = \"customer\"\nfrom = \"c\"\n[record.set]\nexternal_key = \"id\"\nname = \"name\"\n";

fn customers(file: &str, more: &str) -> String {
    format!(
        "[file.c]\n{file}\n[[record]]\nentity = \"customer\"\nfrom = \"c\"\n[record.set]\nexternal_key = \"id\"\nname = \"name\"\n{more}"
    )
}

on_both! {
    async fn a_second_run_changes_nothing_and_a_changed_row_only_itself(database: Database) {
        let store = database.store();
        let first = import(store, CUSTOMERS, &[("c.csv", b"id,name\n1,A\n2,B\n3,C\n")]).await.unwrap();
        assert_eq!(counts(&first, "customer"), [3, 3, 0, 0, 0]);
        let again = import(store, CUSTOMERS, &[("c.csv", b"id,name\n1,A\n2,B\n3,C\n")]).await.unwrap();
        assert_eq!(counts(&again, "customer"), [3, 0, 0, 3, 0]);
        let changed = import(store, CUSTOMERS, &[("c.csv", b"id,name\n1,A\n2,Bee\n3,C\n")]).await.unwrap();
        assert_eq!(counts(&changed, "customer"), [3, 0, 1, 2, 0]);
        assert_eq!(cells(store, "SELECT name AS cell FROM customer ORDER BY external_key").await, ["A", "Bee", "C"]);
        let organisation = store.organisation().await.unwrap().unwrap();
        assert_eq!((organisation.name.as_str(), organisation.time_zone.as_str()), ("Test", "Europe/Berlin"));
    }

    async fn a_bad_row_stops_the_import_and_nothing_of_it_stays(database: Database) {
        let store = database.store();
        let mapping = customers("path = \"c.csv\"", "acquired_at = \"since\"\n");
        let error = import(store, &mapping, &[("c.csv", b"id,name,since\n1,A,2017-01-01\n2,B,\n3,C,2017-02-01\n4,D,2017-13-01\n")]).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("c.csv line 5, column `since`, value `2017-13-01` (for customer): not a date"), "{text}");
        assert_eq!(count(store, "customer").await, 0);
        assert!(store.organisation().await.unwrap().is_none());
    }

    async fn bad_rows_are_left_out_with_those_that_refer_to_them(database: Database) {
        let store = database.store();
        let mapping = format!(
            "{}[file.o]\npath = \"o.csv\"\n[[record]]\nentity = \"order\"\nfrom = \"o\"\n[record.set]\nexternal_key = \"id\"\ncustomer = \"customer\"\nordered_at = \"day\"\namount = \"amount\"\n",
            customers("path = \"c.csv\"", "acquired_at = \"since\"\n")
        );
        let files: &[(&str, &[u8])] = &[
            ("c.csv", b"id,name,since\n1,A,2017-01-01\n2,B,soon\n3,C\n4,D,\n"),
            ("o.csv", b"id,customer,day,amount\na,1,2017-05-01,10\nb,2,2017-05-01,10\nc,4,2017-05-01,ten\nd,4,2017-05-02,7.5\n"),
        ];
        let summary = skipping(store, &mapping, files).await;
        assert_eq!(counts(&summary, "customer"), [4, 2, 0, 0, 2]);
        assert_eq!(counts(&summary, "order"), [4, 2, 0, 0, 2]);
        let bad: Vec<_> = summary.bad.iter().map(|row| (row.file.as_str(), row.line, row.column.as_str(), row.value.as_str())).collect();
        assert!(bad.contains(&("c.csv", 3, "since", "soon")), "{bad:?}");
        assert!(bad.contains(&("c.csv", 4, "", "")), "{bad:?}");
        assert!(bad.contains(&("o.csv", 3, "customer", "2")), "{bad:?}");
        assert!(bad.contains(&("o.csv", 4, "amount", "ten")), "{bad:?}");
        assert_eq!(summary.bad_count, 4);
        assert_eq!(cells(store, "SELECT external_key AS cell FROM sales_order ORDER BY external_key").await, ["a", "d"]);
    }

    async fn an_unknown_reference_stops_with_its_place(database: Database) {
        let store = database.store();
        let mapping = customers("path = \"c.csv\"", "region = \"region\"\n");
        let text = import(store, &mapping, &[("c.csv", b"id,name,region\n1,A,\n2,B,\n3,C,Moon\n")]).await.unwrap_err().to_string();
        assert!(text.contains("c.csv line 4, column `region`, value `Moon`"), "{text}");
        assert_eq!(count(store, "customer").await, 0);
    }

    async fn a_repeated_key_is_bad_unless_the_mapping_allows_it(database: Database) {
        let store = database.store();
        let files: &[(&str, &[u8])] = &[("c.csv", b"id,name\n1,A\n2,B\n3,C\n1,A\n1,Other\n")];
        let text = import(store, CUSTOMERS, files).await.unwrap_err().to_string();
        assert!(text.contains("c.csv line 5, column `id`, value `1`") && text.contains("earlier row has the same key"), "{text}");
        let same = CUSTOMERS.replace("from = \"c\"", "from = \"c\"\nrepeats = \"same\"");
        let text = import(store, &same, files).await.unwrap_err().to_string();
        assert!(text.contains("line 6") && text.contains("other values"), "{text}");
        assert_eq!(count(store, "customer").await, 0);
        let first = CUSTOMERS.replace("from = \"c\"", "from = \"c\"\nrepeats = \"first\"");
        let summary = import(store, &first, files).await.unwrap();
        assert_eq!(counts(&summary, "customer"), [5, 3, 0, 0, 0]);
        assert_eq!(summary.entity("customer").unwrap().repeated, 2);
        assert_eq!(cells(store, "SELECT name AS cell FROM customer ORDER BY external_key").await, ["A", "B", "C"]);
    }

    async fn a_truncated_gzip_loads_nothing(database: Database) {
        let store = database.store();
        let rows: String = (0..400).map(|row| format!("{row},Customer {}\n", row * 7919 % 5003)).collect();
        let whole = packed(&format!("id,name\n{rows}"));
        let mapping = CUSTOMERS.replace("c.csv", "c.csv.gz");
        let text = import(store, &mapping, &[("c.csv.gz", &whole[..whole.len() / 2])]).await.unwrap_err().to_string();
        assert!(text.contains("c.csv.gz is damaged at or after line") && text.contains("cut off"), "{text}");
        assert_eq!(count(store, "customer").await, 0);
        let text = import(store, &mapping, &[("c.csv.gz", b"id,name\n1,A\n")]).await.unwrap_err().to_string();
        assert!(text.contains("not a gzip file"), "{text}");
        let small = packed("id,name\n1,A\n2,B\n");
        import(store, &mapping, &[("c.csv.gz", &small)]).await.unwrap();
        assert_eq!(count(store, "customer").await, 2);
    }

    async fn missing_files_and_columns_are_found_before_anything_is_loaded(database: Database) {
        let store = database.store();
        let both = format!("{CUSTOMERS}[file.r]\npath = \"r.csv\"\n[[record]]\nentity = \"region\"\nfrom = \"r\"\n[record.set]\nexternal_key = \"k\"\nname = \"Name\"\n");
        let text = import(store, &both, &[("c.csv", b"id,name\n1,A\n")]).await.unwrap_err().to_string();
        assert!(text.contains("r.csv is missing"), "{text}");
        let text = import(store, &both, &[("c.csv", b"id,name\n1,A\n"), ("r.csv", b"k;Nam\n1;x\n")]).await.unwrap_err().to_string();
        assert!(text.contains("r.csv does not fit the mapping: there is no column `k`"), "{text}");
        let text = import(store, &both, &[("c.csv", b"id,name\n1,A\n"), ("r.csv", b"k,Names\n1,x\n")]).await.unwrap_err().to_string();
        assert!(text.contains("there is no column `Name`; did you mean `Names`?"), "{text}");
        let text = import(store, &both, &[("c.csv", b"id,name\n1,A\n"), ("r.csv", b"")]).await.unwrap_err().to_string();
        assert!(text.contains("the file is empty"), "{text}");
        assert_eq!(count(store, "customer").await, 0);
    }

    async fn a_row_of_another_width_is_told_by_its_line(database: Database) {
        let store = database.store();
        let text = import(store, CUSTOMERS, &[("c.csv", b"id,name\n1,\"A\nb\"\n2,B,x\n")]).await.unwrap_err().to_string();
        assert!(text.contains("c.csv line 4") && text.contains("the row has 3 columns, but the file has 2"), "{text}");
    }

    async fn encodings_separators_and_quotes_are_as_the_mapping_says(database: Database) {
        let store = database.store();
        let latin1 = b"id;name\n1;'M\xfcller; S\xf6hne'\n";
        import(store, &customers("path = \"c.csv\"\nseparator = \";\"\nquote = \"'\"\nencoding = \"latin1\"", ""), &[("c.csv", latin1)]).await.unwrap();
        let utf16: Vec<u8> = "\u{feff}id\tname\r\n2\tČapek\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        import(store, &customers("path = \"c.csv\"\nseparator = \"\\t\"\nencoding = \"utf-16le\"", ""), &[("c.csv", &utf16)]).await.unwrap();
        import(store, CUSTOMERS, &[("c.csv", "\u{feff}id,name\n3,Łódź\n".as_bytes())]).await.unwrap();
        assert_eq!(cells(store, "SELECT name AS cell FROM customer ORDER BY external_key").await, ["Müller; Söhne", "Čapek", "Łódź"]);
        let text = import(store, CUSTOMERS, &[("c.csv", b"id,name\n4,M\xfcller\n")]).await.unwrap_err().to_string();
        assert!(text.contains("c.csv line 2") && text.contains("not UTF-8"), "{text}");
    }

    async fn files_without_header_and_blanks_are_read_by_number(database: Database) {
        let store = database.store();
        let mapping = "[file.c]\npath = \"c.txt\"\nformat = \"blanks\"\nheader = false\n[[record]]\nentity = \"customer\"\nfrom = \"c\"\n[record.set]\nexternal_key = { row_number = true }\nname = 2\nindustry = { template = \"{#1}/{#2}\" }\nacquired_at = { column = 3, date = \"%Y%m%d\" }\n";
        import(store, mapping, &[("c.txt", b"  01 Ann   20170115\r\n\r\n 02\tBob 20170702\r\n")]).await.unwrap();
        assert_eq!(cells(store, "SELECT external_key || name || industry AS cell FROM customer ORDER BY external_key").await, ["1Ann01/Ann", "2Bob02/Bob"]);
        // Berlin is an hour ahead in winter and two in summer.
        let acquired = cells(store, "SELECT CAST(acquired_at AS TEXT) AS cell FROM customer ORDER BY external_key").await;
        assert_eq!(acquired, [micros("2017-01-14T23:00:00Z"), micros("2017-07-01T22:00:00Z")]);
    }

    async fn values_go_through_maps_bands_lookups_and_defaults(database: Database) {
        let store = database.store();
        let mapping = "[file.c]\npath = \"c.csv\"\nnull = [\"\", \"NULL\"]\n[file.a]\npath = \"a.csv\"\n[map.kinds]\np = \"PERSON\"\nc = \"COMPANY\"\n\
            [[record]]\nentity = \"customer\"\nfrom = \"c\"\n[record.set]\nexternal_key = \"id\"\nname = { column = \"name\", default = \"nobody\" }\n\
            kind = { column = \"kind\", map = \"kinds\" }\n\
            country = { column = \"agent\", lookup = { file = \"a\", by = \"agent\", take = \"land\", missing = \"null\" } }\n\
            industry = { column = \"size\", bands = [{ up_to = 10, is = \"small\" }, { is = \"large\" }] }\n\
            region = { column = \"place\", map = { \"?\" = \"\" }, unmapped = \"keep\", create = true }\n\
            acquired_at = { constant = 2017-03-31, minus_months = \"{months}\", when = { column = \"kind\", is = \"p\" }, time_zone = \"UTC\" }\n";
        let files: &[(&str, &[u8])] = &[
            ("c.csv", b"id,name,kind,agent,size,place,months\n1,A,p,x,10,North,1\n2,NULL,c,y,11,?,2\n3,C,p,z,NULL,North,13\n"),
            ("a.csv", b"agent,land\nx,DE\ny,\n"),
        ];
        let summary = import(store, mapping, files).await.unwrap();
        assert_eq!(counts(&summary, "region"), [1, 1, 0, 0, 0]);
        let got = cells(store, "SELECT c.name || ' ' || kind || ' ' || COALESCE(country, '-') || ' ' || COALESCE(industry, '-') || ' ' || COALESCE(r.name, '-') AS cell FROM customer c LEFT JOIN region r ON r.id = c.region_id ORDER BY c.external_key").await;
        assert_eq!(got, ["A PERSON DE small North", "nobody COMPANY - large -", "C PERSON - - North"]);
        let acquired = cells(store, "SELECT CAST(acquired_at AS TEXT) AS cell FROM customer ORDER BY external_key").await;
        assert_eq!(acquired, [micros("2017-02-28T00:00:00Z"), "null".into(), micros("2016-02-29T00:00:00Z")]);
        let text = import(store, mapping, &[("c.csv", b"id,name,kind,agent,size,place,months\n1,A,q,x,10,North,1\n"), files[1]]).await.unwrap_err().to_string();
        assert!(text.contains("column `kind`, value `q`") && text.contains("the map does not name this value"), "{text}");
    }

    async fn an_ambiguous_lookup_loads_nothing(database: Database) {
        let store = database.store();
        let mapping = format!("[file.a]\npath = \"a.csv\"\n{}", customers("path = \"c.csv\"", "country = { column = \"id\", lookup = { file = \"a\", by = \"id\", take = \"land\" } }\n"));
        let text = import(store, &mapping, &[("c.csv", b"id,name\n1,A\n"), ("a.csv", b"id,land\n1,DE\n1,FR\n")]).await.unwrap_err().to_string();
        assert!(text.contains("a.csv line 3 does not fit the mapping: `1` has another `land` on an earlier line"), "{text}");
        let text = import(store, &mapping, &[("c.csv", b"id,name\n1,A\n2,B\n"), ("a.csv", b"id,land\n1,DE\n")]).await.unwrap_err().to_string();
        assert!(text.contains("c.csv line 3, column `id`, value `2`") && text.contains("a.csv has no row for this value"), "{text}");
        assert_eq!(count(store, "customer").await, 0);
    }

    async fn conditions_compare_numbers_and_name_what_is_none(database: Database) {
        let store = database.store();
        let mapping = CUSTOMERS.replace("from = \"c\"", "from = \"c\"\nwhen = { column = \"size\", gte = 2, lt = \"10.5\" }");
        let summary = import(store, &mapping, &[("c.csv", b"id,name,size\n1,A,1\n2,B,2\n3,C,10.4\n4,D,10.5\n5,E,\n")]).await.unwrap();
        assert_eq!(counts(&summary, "customer"), [2, 2, 0, 0, 0]);
        let text = import(store, &mapping, &[("c.csv", b"id,name,size\n1,A,big\n")]).await.unwrap_err().to_string();
        assert!(text.contains("line 2") && text.contains("value `big`") && text.contains("a condition compares it"), "{text}");
    }

    async fn money_is_exact_and_arithmetic_of_columns(database: Database) {
        let store = database.store();
        let mapping = "[file.o]\npath = \"o.csv\"\ndecimal_mark = \",\"\nthousands_mark = \".\"\nseparator = \";\"\n\
            [[record]]\nentity = \"order\"\nfrom = \"o\"\n[record.set]\nexternal_key = \"id\"\nordered_at = \"day\"\n\
            [[record]]\nentity = \"order_line\"\nfrom = \"o\"\n[record.set]\nexternal_key = \"id\"\norder = \"id\"\nquantity = \"n\"\nunit_price = { column = \"Unit Price\", remove = [\"EUR\"] }\n\
            amount = { formula = \"p * n * (1 - d)\", with = { p = \"price\" } }\n";
        let files: &[(&str, &[u8])] = &[("o.csv", "id;day;n;Unit Price;price;d\na;2017-01-01;3;1.234,56 EUR;1.234,56;0,05\nb;2017-01-01;1;;0,33335;0\n".as_bytes())];
        import(store, mapping, files).await.unwrap();
        let got = cells(store, "SELECT CAST(amount AS TEXT) AS cell FROM order_line ORDER BY external_key").await;
        assert_eq!(got, ["35184960", "3334"]);
        let got = cells(store, "SELECT CAST(unit_price AS TEXT) AS cell FROM order_line ORDER BY external_key").await;
        assert_eq!(got, ["12345600", "null"]);
        let got = cells(store, "SELECT CAST(amount AS TEXT) AS cell FROM sales_order ORDER BY external_key").await;
        assert_eq!(got, ["35184960", "3334"]);
        let fine = mapping.replace("{ formula = \"p * n * (1 - d)\", with = { p = \"price\" } }", "\"price\"");
        let text = import(store, &fine, files).await.unwrap_err().to_string();
        assert!(text.contains("o.csv line 3, column `price`") && text.contains("more than 4 decimals"), "{text}");
    }

    async fn numbers_of_the_mapping_are_plain_however_the_file_writes_its_own(database: Database) {
        let store = database.store();
        let mapping = "[file.o]\npath = \"o.csv\"\nseparator = \";\"\ndecimal_mark = \",\"\nthousands_mark = \".\"\ndate = \"%d.%m.%Y\"\n\
            [file.rates]\npath = \"rates.csv\"\n\
            [[record]]\nentity = \"opportunity\"\nfrom = \"o\"\nexpect = { column = \"currency\", in = [\"EUR\", \"USD\"] }\n[record.set]\nexternal_key = \"id\"\n\
            win_probability = { formula = \"p / 100\", with = { p = { column = \"prob\", remove = \"%\", default = \"12.5\" } } }\n\
            created_at = { constant = 2017-01-01 }\n\
            amount = { formula = \"amount * sign * rate\", with = { sign = { column = \"kind\", map = { Sale = 1, Refund = -1 } }, rate = { column = \"currency\", lookup = { file = \"rates\", by = \"code\", take = \"rate\" } } } }\n";
        let rates: (&str, &[u8]) = ("rates.csv", b"code,rate\nEUR,1\nUSD,0.875\n");
        let rows = "id;kind;currency;amount;prob\na;Sale;EUR;1.234,50;45%\nb;Refund;USD;1.000;\n";
        import(store, mapping, &[rates, ("o.csv", rows.as_bytes())]).await.unwrap();
        let got = cells(store, "SELECT CAST(amount AS TEXT) || ' ' || CAST(win_probability AS TEXT) AS cell FROM opportunity ORDER BY external_key").await;
        assert_eq!(got, ["12345000 4500", "-8750000 1250"]);
        let strange = rows.replace("1.234,50", "1234.5");
        let text = import(store, mapping, &[rates, ("o.csv", strange.as_bytes())]).await.unwrap_err().to_string();
        assert!(text.contains("o.csv line 2") && text.contains("`1234.5`") && text.contains("not a number"), "{text}");
        let pounds = rows.replace("USD", "GBP");
        let text = import(store, mapping, &[rates, ("o.csv", pounds.as_bytes())]).await.unwrap_err().to_string();
        assert!(text.contains("o.csv line 3") && text.contains("`GBP`") && text.contains("as the mapping expects"), "{text}");
    }

    async fn instants_come_in_any_form_and_move_by_hours(database: Database) {
        let store = database.store();
        let mapping = "[file.t]\npath = \"t.csv\"\n[[record]]\nentity = \"ticket\"\nfrom = \"t\"\n[record.set]\nexternal_key = { row_number = true }\n\
            created_at = \"at\"\nfirst_response_at = { column = \"at\", plus_minutes = \"{reply}\" }\nclosed_at = { column = \"ms\", date = \"%Q\", minus_hours = 1, plus_seconds = 30 }\n";
        let rows = "at,reply,ms\n2019-07-04 12:00,7.5,1562241600123\n2019-07-04T12:00:00.5-0700,,-1\n2019-07-04 12:00:00 +0200,0,\n2019-07-04 12:00:00+02:00,90,\n";
        import(store, mapping, &[("t.csv", rows.as_bytes())]).await.unwrap();
        let got = |column: &str| format!("SELECT CAST({column} AS TEXT) AS cell FROM ticket ORDER BY external_key");
        let created = ["2019-07-04T10:00:00Z", "2019-07-04T19:00:00.5Z", "2019-07-04T10:00:00Z", "2019-07-04T10:00:00Z"];
        assert_eq!(cells(store, &got("created_at")).await, created.map(micros));
        let replied = cells(store, &got("first_response_at")).await;
        assert_eq!(replied, [micros("2019-07-04T10:07:30Z"), "null".into(), micros("2019-07-04T10:00:00Z"), micros("2019-07-04T11:30:00Z")]);
        assert_eq!(cells(store, &got("closed_at")).await, [micros("2019-07-04T11:00:30.123Z"), micros("1969-12-31T23:00:29.999Z"), "null".into(), "null".into()]);
        let text = import(store, mapping, &[("t.csv", b"at,reply,ms\n2019-07-04,soon,\n")]).await.unwrap_err().to_string();
        assert!(text.contains("`soon`") && text.contains("to move by"), "{text}");
    }

    async fn months_in_columns_become_targets(database: Database) {
        let store = database.store();
        let mapping = "[file.t]\npath = \"t.csv\"\nnull = [\"\", \"-\"]\n[[record]]\nentity = \"employee\"\nfrom = \"t\"\nrepeats = \"first\"\nset.external_key = \"who\"\nset.name = \"who\"\n\
            [[record]]\nentity = \"target\"\nfrom = \"t\"\nwhen = { column = \"k\", known = true }\nunpivot = { columns = { M01 = \"01\", M02 = \"02\" }, name = \"m\", value = \"k\" }\n\
            [record.set]\nexternal_key = { template = \"{who}-{year}-{m}\" }\nkind = { constant = \"PLAN\" }\nsubject_kind = { constant = \"EMPLOYEE\" }\nsubject = \"who\"\n\
            starts_on = { template = \"{year}-{m}-01\" }\nends_on = { template = \"{year}-{m}-01\", plus_months = 1 }\nvalue = { formula = \"k * 1000\" }\n";
        let summary = import(store, mapping, &[("t.csv", b"year,who,M01,M02\n2017,ann,2,-\n2017,bob,3,4.5\n")]).await.unwrap();
        assert_eq!(counts(&summary, "target"), [3, 3, 0, 0, 0]);
        let got = cells(store, "SELECT t.external_key || ' ' || CAST(starts_on AS TEXT) || ' ' || CAST(ends_on AS TEXT) || ' ' || CAST(value AS TEXT) || ' ' || e.name AS cell FROM target t JOIN employee e ON e.id = t.subject_id ORDER BY t.external_key").await;
        assert_eq!(got, ["ann-2017-01 2017-01-01 2017-02-01 20000000 ann", "bob-2017-01 2017-01-01 2017-02-01 30000000 bob", "bob-2017-02 2017-02-01 2017-03-01 45000000 bob"]);
    }

    async fn a_manager_may_stand_on_a_later_row(database: Database) {
        let store = database.store();
        let mapping = "[file.e]\npath = \"e.csv\"\n[[record]]\nentity = \"employee\"\nfrom = \"e\"\n[record.set]\nexternal_key = \"id\"\nname = \"name\"\nmanager = { column = \"boss\", whole = true }\n";
        let files: &[(&str, &[u8])] = &[("e.csv", b"id,name,boss\n1,A,5.0\n2,B,1.0\n3,C,1.0\n4,D,\n5,E,\n")];
        let first = import(store, mapping, files).await.unwrap();
        assert_eq!(counts(&first, "employee"), [5, 5, 0, 0, 0]);
        assert_eq!(cells(store, "SELECT m.name AS cell FROM employee e LEFT JOIN employee m ON m.id = e.manager_id ORDER BY e.external_key").await, ["E", "A", "A", "null", "null"]);
        let again = import(store, mapping, files).await.unwrap();
        assert_eq!(counts(&again, "employee"), [5, 0, 0, 5, 0]);
        let moved = import(store, mapping, &[("e.csv", b"id,name,boss\n1,A,5.0\n2,B,4.0\n3,C,1.0\n4,D,\n5,E,\n")]).await.unwrap();
        assert_eq!(counts(&moved, "employee"), [5, 0, 1, 4, 0]);
    }

    async fn a_reference_to_nobody_within_the_entity_is_reported_once(database: Database) {
        let store = database.store();
        let mapping = "[file.e]\npath = \"e.csv\"\n[[record]]\nentity = \"employee\"\nfrom = \"e\"\n[record.set]\nexternal_key = \"id\"\nname = \"name\"\nmanager = { column = \"boss\", whole = true }\n";
        let summary = skipping(store, mapping, &[("e.csv", b"id,name,boss\n1,A,9\n2,B,x\n3,C,1\n")]).await;
        let bad: Vec<_> = summary.bad.iter().map(|row| (row.line, row.value.as_str())).collect();
        assert_eq!(bad, [(3, "x"), (2, "9")]);
        assert!(summary.bad[1].reason.contains("the record itself is loaded, without it"), "{}", summary.bad[1]);
        assert_eq!(cells(store, "SELECT e.name || COALESCE(m.name, '-') AS cell FROM employee e LEFT JOIN employee m ON m.id = e.manager_id ORDER BY e.name").await, ["A-", "CA"]);
    }

    async fn what_the_store_refuses_to_create_makes_its_rows_bad(database: Database) {
        let store = database.store();
        let mapping = customers("path = \"c.csv\"", "region = { column = \"region\", create = true }\n");
        let file = format!("id,name,region\n1,A,North\n2,B,{}\n3,C,South\n", "x".repeat(1200));
        let summary = skipping(store, &mapping, &[("c.csv", file.as_bytes())]).await;
        assert_eq!((counts(&summary, "customer"), counts(&summary, "region")), ([3, 2, 0, 0, 1], [2, 2, 0, 0, 0]));
        assert_eq!((summary.bad[0].line, summary.bad[0].column.as_str()), (3, "region"));
        assert!(summary.bad[0].reason.contains("1200 bytes long"), "{}", summary.bad[0]);
    }

    async fn durations_come_in_any_unit_and_words_as_yes_or_no(database: Database) {
        let store = database.store();
        let mapping = "[file.a]\npath = \"a.csv\"\n[[record]]\nentity = \"activity\"\nfrom = \"a\"\nwhen = [{ column = \"unit\", is = \"clock\" }, { column = \"n\", known = true }]\n[record.set]\nexternal_key = \"id\"\nkind = { constant = \"CALL\" }\nduration = { column = \"n\", unit = \"clock\" }\n\
            [[record]]\nentity = \"activity\"\nfrom = \"a\"\nwhen = { column = \"unit\", not_in = [\"clock\"] }\n[record.set]\nexternal_key = \"id\"\nkind = { constant = \"CALL\" }\nduration = { column = \"n\", unit = \"minutes\" }\n";
        import(store, mapping, &[("a.csv", b"id,unit,n\n1,clock,1:02:03.5\n2,clock,2:03\n3,minutes,1.5\n4,minutes,\n5,,7\n")]).await.unwrap();
        let got = cells(store, "SELECT CAST(duration AS TEXT) AS cell FROM activity ORDER BY external_key").await;
        assert_eq!(got, ["3723500000", "123000000", "90000000", "null"]);
        let text = import(store, mapping, &[("a.csv", b"id,unit,n\n1,clock,1:61\n")]).await.unwrap_err().to_string();
        assert!(text.contains("not a duration of the form"), "{text}");
        let text = import(store, mapping, &[("a.csv", b"id,unit,n\n1,minutes,79228162514264337593543950335\n")]).await.unwrap_err().to_string();
        assert!(text.contains("too large for the store"), "{text}");
    }

    async fn a_figure_of_the_organisation_needs_no_subject(database: Database) {
        let store = database.store();
        let mapping = "[[record]]\nentity = \"period_fact\"\nrows = [{ external_key = \"m\", fact = \"MARKET_TOTAL\", subject_kind = \"ORGANISATION\", starts_on = 2017-01-01, ends_on = 2018-01-01, value = \"1234.5\" }]\n";
        let summary = import(store, mapping, &[]).await.unwrap();
        assert_eq!(counts(&summary, "period_fact"), [1, 1, 0, 0, 0]);
        assert_eq!(number(store, "SELECT value + subject_id AS number FROM period_fact").await, 12_345_000);
    }

    async fn local_times_obey_the_clocks(database: Database) {
        let store = database.store();
        let mapping = "[file.t]\npath = \"t.csv\"\ntime_zone = \"America/New_York\"\ndate = [\"%m/%d/%Y %I:%M %p\", \"%m/%d/%Y\", \"%+\"]\n[[record]]\nentity = \"ticket\"\nfrom = \"t\"\n[record.set]\nexternal_key = { row_number = true }\ncreated_at = \"at\"\n";
        let rows = "at\n3/9/2019 11:30 PM\n3/10/2019 12:30 PM\n11/3/2019 1:30 AM\n7/4/2019\n2019-07-04T12:00:00+02:00\n";
        import(store, mapping, &[("t.csv", rows.as_bytes())]).await.unwrap();
        let got = cells(store, "SELECT CAST(created_at AS TEXT) AS cell FROM ticket ORDER BY external_key").await;
        let expected = ["2019-03-10T04:30:00Z", "2019-03-10T16:30:00Z", "2019-11-03T05:30:00Z", "2019-07-04T04:00:00Z", "2019-07-04T10:00:00Z"];
        assert_eq!(got, expected.map(micros));
        let text = import(store, mapping, &[("t.csv", b"at\n3/10/2019 2:30 AM\n")]).await.unwrap_err().to_string();
        assert!(text.contains("there was no such time in America/New_York"), "{text}");
    }

    async fn the_example_of_the_reference_works_as_it_says(database: Database) {
        let store = database.store();
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("MAPPING.md")).unwrap();
        let blocks: Vec<(&str, &str)> = text.split("\n```").filter_map(|block| {
            let (head, content) = block.split_once('\n')?;
            Some((head.split_once("file=")?.1, content))
        }).collect();
        let files: Vec<_> = blocks.iter().map(|(name, content)| (*name, content.as_bytes())).collect();
        let (_, mapping) = blocks.iter().find(|(name, _)| *name == "shop.toml").unwrap();
        let profile = Profile::parse(mapping, "shop.toml").unwrap_or_else(|error| panic!("{error}"));
        let mut steps = Vec::new();
        let mut progress = |progress: Progress| steps.push((progress.step, progress.rows));
        let options = Options { on_error: OnError::Stop, batch_rows: 5_000, progress: &mut progress };
        let summary = import::run(store, &profile, folder(&files).path(), options).await.unwrap();
        let inserted = |entity: &str| counts(&summary, entity)[1];
        assert_eq!([inserted("customer"), inserted("employee"), inserted("opportunity"), inserted("region"), inserted("order")], [2, 2, 3, 1, 1]);
        assert_eq!(cells(store, "SELECT CAST(amount AS TEXT) AS cell FROM sales_order").await, ["1890500"]);
        assert_eq!(steps, [(1, 2), (2, 3), (3, 3), (4, 3)]);
    }
}
