//! The built-in profiles over small files of the same layout and the same traps as the sets they are for.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use import::{OnError, Options, Profile, Summary};
use testbed::{Database, on_both};

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    if !name.ends_with(".gz") {
        return std::fs::write(path, text).unwrap();
    }
    let mut encoder = flate2::write::GzEncoder::new(std::fs::File::create(path).unwrap(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
}

async fn run(database: &Database, profile: &str, dir: &Path) -> Summary {
    let profile = Profile::builtin(profile).unwrap_or_else(|error| panic!("{error}"));
    let options = Options { on_error: OnError::Stop, batch_rows: 3, progress: &mut |_| {} };
    import::run(database.store(), &profile, dir, options).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Imports twice: all is new at first, and nothing changes after.
async fn check(database: &Database, profile: &str, files: &[(&str, &str)], inserted: &[(&str, u64)]) {
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| write(dir.path(), name, text));
    let first = run(database, profile, dir.path()).await;
    let got: BTreeMap<_, _> = first.entities.iter().map(|summary| (summary.entity, summary.inserted)).collect();
    assert_eq!(got, inserted.iter().copied().collect());
    let again = run(database, profile, dir.path()).await;
    assert!(again.entities.iter().all(|summary| summary.inserted + summary.updated == 0), "{again:?}");
}

on_both! {
    async fn maven_crm(database: Database) {
        let files = [
            ("products.csv", "product,series,sales_price\r\nGTX Pro,GTX,4821\r\nMG One,MG,55\r\n"),
            ("sales_teams.csv", "sales_agent,manager,regional_office\r\nAnn,Kim,East\r\nBob,Kim,West\r\n"),
            ("accounts.csv", "account,sector,year_established,revenue,employees,office_location,subsidiary_of\r\nAcme,technolgy,1996,1.5,7,Kenya,\r\n"),
            ("sales_pipeline.csv", "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\r\n\
                A,Ann,GTXPro,Acme,Won,2017-01-01,2017-03-01,4500\r\nB,Bob,MG One,Acme,Lost,2017-01-01,2017-03-02,0\r\nC,Bob,MG One,,Engaging,2017-02-01,,\r\nD,Ann,GTX Pro,,Prospecting,,,\r\n"),
        ];
        let inserted = [("region", 2), ("team", 1), ("employee", 2), ("product_category", 2), ("product", 2), ("segment", 1), ("customer", 1),
            ("segment_member", 1), ("sales_stage", 4), ("opportunity", 4), ("order", 1), ("order_line", 1)];
        check(&database, "maven-crm", &files, &inserted).await;
    }

    async fn northwind(database: Database) {
        let files = [
            ("categories.csv", "CategoryID,CategoryName\n1,Drinks\n"),
            ("products.csv", "ProductID,ProductName,CategoryID\n11,Tea,1\n"),
            ("employees.csv", "EmployeeID,FirstName,LastName,Title,ReportsTo\n1,Ann,Low,Sales Representative,2.0\n2,Bob,High,\"Vice President, Sales\",\n"),
            ("customers.csv", "CustomerID,CompanyName,Country\nAA,Aa,Germany\nBB ,Bb,\n"),
            ("orders.csv", "OrderID,CustomerID,EmployeeID,OrderDate,RequiredDate,ShippedDate,ShipCountry\n\
                1,AA,1,1996-07-04 00:00:00.000,1996-08-01 00:00:00.000,1996-07-16 00:00:00.000,France\n2,BB,2,1996-07-05 00:00:00.000,1996-08-16 00:00:00.000,,Germany\n"),
            ("order_details.csv", "OrderID,ProductID,UnitPrice,Quantity,Discount\n1,11,14.0,12,0.0\n2,11,9.8,10,0.15\n"),
        ];
        let inserted = [("product_category", 1), ("product", 1), ("employee", 2), ("region", 2), ("customer", 2), ("order", 2), ("order_line", 2)];
        check(&database, "northwind", &files, &inserted).await;
    }

    async fn adventureworks_quota(database: Database) {
        let files = [
            ("SalesTerritory.csv", "TerritoryID,Name\n1,Northwest\n"),
            ("EmployeeKeyMap.csv", "EmployeeKey,BusinessEntityID,NationalIDNumber,LoginID\n272,274,502,adventure-works\\ann0\n281,275,841,adventure-works\\bob9\n"),
            ("SalesPerson.csv", "BusinessEntityID,TerritoryID\n274,\n275,1\n"),
            ("Product.csv", "ProductKey,Product,StandardCost,EnglishProductCategoryName\n210,\"Frame, 58\",868.63,Components\n"),
            ("Resellers.csv", "ResellerKey,BusinessType,ResellerName,Country_Region\n1,Ware House,Aa,Canada\n2,Warehouse,Bb,France\n"),
            ("FactResellerSales.csv.gz", "SalesOrderNumber,OrderDate,ProductKey,ResellerKey,EmployeeKey,SalesTerritoryKey,OrderQuantity,UnitPrice,TotalProductCost,SalesAmount\n\
                SO1,2017-07-01,210,1,281,1,1,2024.99,NULL,2024.99\n"),
            ("FactSalesQuota.csv", "EmployeeKey,DateKey,SalesAmountQuota\n272,20101229,28000.0000\n281,20130929,367000.0000\n"),
            ("ResellerSalesTargets.csv", "Year,EmployeeID,M01,M02,M03,M04,M05,M06,M07,M08,M09,M10,M11,M12\n2017,841,-,-,-,-,-,-,200,400,600,400,800,800\n2018,112432117,1,-,-,-,-,-,-,-,-,-,-,-\n"),
        ];
        let inserted = [("region", 1), ("employee", 3), ("product_category", 1), ("product", 1), ("customer", 2), ("segment", 1), ("segment_member", 2),
            ("order", 1), ("order_line", 1), ("target", 9)];
        check(&database, "adventureworks-quota", &files, &inserted).await;
    }

    async fn bank_marketing(database: Database) {
        let files = [("bank-full.csv.gz", "\u{feff}age,job,marital,education,default,balance,housing,loan,contact,day,month,duration,campaign,pdays,previous,poutcome,y\n\
            58,management,married,tertiary,no,2143,yes,no,unknown,5,may,261,1,-1,0,unknown,no\n44,admin.,single,secondary,no,29,yes,no,cellular,17,nov,151,3,92,1,success,yes\n")];
        let inserted = [("channel", 3), ("campaign", 1), ("customer", 2), ("segment", 10), ("segment_member", 12), ("campaign_member", 2)];
        check(&database, "bank-marketing", &files, &inserted).await;
    }

    async fn cdnow(database: Database) {
        let files = [("CDNOW_sample.txt", " 00004 0001 19970101  2   29.33\r\n 00004 0001 19970101  1    0.00\r\n 00021 0002 19970118  1   14.96\r\n")];
        check(&database, "cdnow", &files, &[("customer", 2), ("order", 3), ("product", 1), ("order_line", 3)]).await;
    }

    async fn cfpb_complaints(database: Database) {
        let files = [("consumer_complaints.csv.gz", "Date received,Product,Issue,Company,State,Submitted via,Date sent to company,Timely response?,Consumer disputed?\r\n\
            7/29/2013,Mortgage,\"Loan, late\",Aa & Co.,VA,Phone,7/30/2013,Yes,No\r\n1/2/2016,Mortgage,Fees,Bb,,Web,1/1/2016,No,\r\n")];
        check(&database, "cfpb-complaints", &files, &[("channel", 5), ("team", 2), ("product", 1), ("region", 1), ("ticket", 2)]).await;
    }

    async fn nyc311(database: Database) {
        let files = [("311_Service_Requests.csv.gz", "Unique Key,Created Date,Closed Date,Agency,Complaint Type,Descriptor,Due Date,Borough,Open Data Channel Type\n\
            1,06/26/2018 10:58:54 AM,06/26/2018 12:50:01 PM,NYPD,Noise,Loud,06/26/2018 06:58:54 PM,QUEENS,PHONE\n2,06/26/2018 11:59:06 PM,,DOT,Noise,,,Unspecified,UNKNOWN\n")];
        check(&database, "nyc311", &files, &[("channel", 4), ("team", 2), ("product", 1), ("region", 1), ("ticket", 2)]).await;
    }

    async fn telco_churn(database: Database) {
        let files = [("Telco-Customer-Churn.csv", "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,InternetService,OnlineSecurity,TechSupport,Contract,PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn\n\
            A,Female,0,Yes,No,0,DSL,No,No,Month-to-month,Yes,Electronic check,29.85, ,No\nB,Male,0,No,No,13,No,No internet service,No internet service,Two year,No,Mailed check,56.95,1889.5,Yes\n")];
        check(&database, "telco-churn", &files, &[("customer", 2), ("segment", 22), ("segment_member", 24), ("order", 2)]).await;
    }
}
