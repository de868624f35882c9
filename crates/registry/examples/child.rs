//! The smallest program that packs can run apart in: what the tests start children of.

fn main() {
    registry::run_if_child(std::env::args_os());
}
