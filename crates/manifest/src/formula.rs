//! stub
pub struct Formula;
