//! Booleans: does every function say at the call site what is asked of it?
//!
//! In: every source file of the product. `notes(true)` says nothing to whoever reads the call: an enum, two functions or the value that
//! the fact comes from does.

use crate::{syntax, tree};

/// Functions whose parameter is a `bool` because a trait says so.
const KNOWN: [&str; 2] = [
    // `From<bool>`: no call names the parameter, and the type says what it becomes.
    "shared/iam/src/truth.rs: from(holds)",
    // Of `serde`: what stands in a listing as a boolean.
    "shared/iam/src/inventory/wire.rs: visit_bool(_)",
];

/// The boolean parameters of a file.
fn found(path: &str, text: &str) -> Vec<String> {
    let modules = syntax::read(text).into_iter();
    let functions = modules.flat_map(|module| module.with_boolean);
    functions
        .map(|function| {
            println!("{path}:{}: {}", function.line, function.name);
            format!("{path}: {}({})", function.name, function.parameter)
        })
        .collect()
}

#[test]
fn no_function_takes_a_boolean() {
    let files = tree::files(tree::is_product);
    let offenders: Vec<String> = files
        .iter()
        .flat_map(|(path, text)| found(path, text))
        .collect();
    let known = KNOWN.map(str::to_owned);
    tree::exactly("a boolean parameter", &offenders, &known);
}

#[test]
fn a_boolean_parameter_is_found_wherever_it_stands() {
    let text = "
        fn plain(at: usize, is_a: bool) {}
        impl One { pub fn method<F: Fn(bool) -> bool>(&self, by: F, is_b: Option<bool>, rest: &[bool]) -> bool { true } }
        mod inner { pub(crate) async fn within(is_c: &bool) { fn deeper(mut is_d: bool) {} let other = |is_e: bool| is_e; } }
        #[cfg(test)] mod tests { fn check(is_f: bool) {} }
        struct Fields { is_g: bool }
        type Pointer = fn(bool);
    ";
    let expected = [
        "plain(is_a)",
        "method(is_b)",
        "within(is_c)",
        "deeper(is_d)",
    ];
    let mut found = found("a.rs", text);
    found.sort();
    let mut expected = expected.map(|one| format!("a.rs: {one}"));
    expected.sort();
    assert_eq!(found, expected);
}
