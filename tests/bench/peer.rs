//! What a bare axum endpoint over tokio-postgres costs for the two lists of customers: the floor to compare with.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};

struct Peer {
    client: Client,
    customers: Statement,
    orders: Statement,
    tickets: Statement,
}

const CUSTOMERS: &str = "SELECT id, name, industry, country FROM customer ORDER BY id LIMIT 50";
const ORDERS: &str = "SELECT o.customer_id, o.ordered_at, o.amount FROM unnest($1::BIGINT[]) AS c (id), LATERAL \
    (SELECT customer_id, ordered_at, amount, id FROM sales_order WHERE customer_id = c.id ORDER BY ordered_at DESC, id DESC LIMIT 5) AS o";
const TICKETS: &str = "SELECT t.customer_id, t.created_at, t.priority FROM unnest($1::BIGINT[]) AS c (id), LATERAL \
    (SELECT customer_id, created_at, priority, id FROM ticket WHERE customer_id = c.id ORDER BY created_at, id LIMIT 3) AS t";

/// Serves `/flat` and `/nested` until it is killed; prints its address.
pub async fn serve(database: &str) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
    tokio::spawn(connection);
    let (customers, orders, tickets) = (client.prepare(CUSTOMERS).await?, client.prepare(ORDERS).await?, client.prepare(TICKETS).await?);
    let peer = Arc::new(Peer { client, customers, orders, tickets });
    let router = Router::new().route("/flat", post(flat)).route("/nested", post(nested)).with_state(peer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn flat(State(peer): State<Arc<Peer>>) -> Json<Value> {
    let rows = peer.client.query(&peer.customers, &[]).await.unwrap_or_default();
    Json(rows.iter().map(customer).collect())
}

async fn nested(State(peer): State<Arc<Peer>>) -> Json<Value> {
    let rows = peer.client.query(&peer.customers, &[]).await.unwrap_or_default();
    let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    let parents: [&(dyn ToSql + Sync); 1] = [&ids];
    let (orders, tickets) = tokio::join!(peer.client.query(&peer.orders, &parents), peer.client.query(&peer.tickets, &parents));
    let mut orders =
        by_parent(orders.unwrap_or_default(), |row| json!({ "orderedAt": row.get::<_, i64>(1), "amount": row.get::<_, Option<i64>>(2) }));
    let mut tickets = by_parent(
        tickets.unwrap_or_default(),
        |row| json!({ "createdAt": row.get::<_, i64>(1), "priority": row.get::<_, Option<String>>(2) }),
    );
    let nodes = rows.iter().map(|row| {
        let id = row.get::<_, i64>(0);
        let mut node = customer(row);
        node["orders"] = orders.remove(&id).unwrap_or_default().into();
        node["tickets"] = tickets.remove(&id).unwrap_or_default().into();
        node
    });
    Json(nodes.collect())
}

fn customer(row: &Row) -> Value {
    json!({ "name": row.get::<_, String>(1), "industry": row.get::<_, Option<String>>(2), "country": row.get::<_, Option<String>>(3) })
}

fn by_parent(rows: Vec<Row>, shape: impl Fn(&Row) -> Value) -> HashMap<i64, Vec<Value>> {
    let mut children: HashMap<i64, Vec<Value>> = HashMap::new();
    for row in &rows {
        children.entry(row.get(0)).or_default().push(shape(row));
    }
    children
}
