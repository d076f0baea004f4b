//! Syntax: what does a source file define, import and name?
//!
//! In: the text of one Rust file. Out: its modules (the file's own, then each `mod name { … }` in it), each with the names
//! it defines, its `use` declarations, the paths it mentions and the functions that take a `bool`, with lines. Macro arguments are
//! read like other code.
//!
//! `#[cfg(test)]` items are skipped: a test may use what stands above the code under test. What a path leads to is
//! worked out in `imports`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// One module written in a file.
#[derive(Debug, Default)]
pub struct Module {
    /// Names from the file's own module to this one; empty for the file's own.
    pub path: Vec<String>,
    /// What is defined at the top level of the module.
    pub items: Vec<Item>,
    pub imports: Vec<Import>,
    pub mentions: Vec<Mention>,
    /// Names that stand alone in code, outside `use`: a re-exported name among them is a use of it.
    pub bare: Vec<Mention>,
    /// Its functions and methods that have a parameter of type `bool`, `&bool` or `Option<bool>`.
    pub with_boolean: Vec<Function>,
}

/// A function, with the name of a parameter.
#[derive(Debug)]
pub struct Function {
    pub name: String,
    pub parameter: String,
    pub line: usize,
}

/// A definition, `kind` being its keyword.
#[derive(Debug)]
pub struct Item {
    pub kind: String,
    pub name: String,
}

/// One name that a `use` brings in, or a whole module's names (`*`, without a name of its own).
#[derive(Debug)]
pub struct Import {
    pub name: Option<String>,
    pub target: Vec<String>,
    /// `pub use`, with whatever restriction.
    pub is_reexport: bool,
    pub line: usize,
}

/// A path as it is written, for instance `crate::bind::Scope`.
#[derive(Debug)]
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
}

/// The modules of a file.
///
/// # Panics
///
/// Where the text is no Rust.
pub fn read(text: &str) -> Vec<Module> {
    let tokens: TokenStream = text.parse().expect("a source file is Rust");
    let mut modules = Vec::new();
    read_module(Vec::new(), tokens, &mut modules);
    modules
}

const DEFINING: [&str; 8] = [
    "const", "enum", "fn", "static", "struct", "trait", "type", "union",
];

fn read_module(path: Vec<String>, tokens: TokenStream, modules: &mut Vec<Module>) {
    let position = modules.len();
    modules.push(Module {
        path: path.clone(),
        ..Module::default()
    });
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut module = Module::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        match (word(token).as_deref(), next) {
            (Some("mod"), Some(TokenTree::Ident(name))) => {
                if let Some(body) = tokens.get(at + 2).and_then(braced) {
                    let mut inner = path.clone();
                    inner.push(name.to_string());
                    read_module(inner, body.stream(), modules);
                    at += 3;
                    continue;
                }
            }
            (Some(kind), Some(TokenTree::Ident(name)))
                if DEFINING.contains(&kind) && !is_lifetime(&tokens, at) =>
            {
                module.items.push(Item {
                    kind: kind.to_owned(),
                    name: name.to_string(),
                });
            }
            (Some("macro_rules"), _) => {
                if let Some(TokenTree::Ident(name)) = tokens.get(at + 2) {
                    module.items.push(Item {
                        kind: "macro_rules".to_owned(),
                        name: name.to_string(),
                    });
                }
            }
            _ => {}
        }
        at = read_token(&tokens, at, &mut module);
    }
    module.path = path;
    modules[position] = module;
}

/// Reads what stands in braces, brackets and parentheses: there are no modules of ours in it.
fn read_body(tokens: TokenStream, module: &mut Module) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        at = read_token(&tokens, at, module);
    }
}

/// Reads a `use`, a path, a group or one token, and says where the next begins.
fn read_token(tokens: &[TokenTree], at: usize, module: &mut Module) -> usize {
    match &tokens[at] {
        TokenTree::Group(group) => {
            read_body(group.stream(), module);
            at + 1
        }
        TokenTree::Punct(punct) if punct.as_char() == '#' => {
            let is_test = tokens
                .get(at + 1)
                .is_some_and(|attribute| squeezed(attribute) == "[cfg(test)]");
            if is_test {
                end_of_item(tokens, at + 2)
            } else {
                at + 1
            }
        }
        // `impl Trait + use<'_>` captures; it imports nothing.
        TokenTree::Ident(ident) if ident == "use" && is_punct(tokens.get(at + 1), '<') => at + 1,
        TokenTree::Ident(ident) if ident == "use" => {
            let is_reexport = at > 0 && is_public(tokens, at - 1);
            let end = (at..tokens.len())
                .find(|&end| is_punct(tokens.get(end), ';'))
                .unwrap_or(tokens.len());
            read_use(&tokens[at + 1..end], &[], is_reexport, module);
            end
        }
        // `pub(in crate::bind)` restricts; it uses nothing.
        TokenTree::Ident(ident) if ident == "pub" => {
            let restricted = matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
            at + 1 + usize::from(restricted)
        }
        TokenTree::Ident(ident) => {
            if ident == "fn" {
                module.with_boolean.extend(read_function(tokens, at));
            }
            read_path(tokens, at, ident, module)
        }
        TokenTree::Punct(_) | TokenTree::Literal(_) => at + 1,
    }
}

fn read_path(tokens: &[TokenTree], at: usize, first: &Ident, module: &mut Module) -> usize {
    let line = first.span().start().line;
    // After `.` a field or method, after `::` the end of `<T as Trait>::Name` or of `::external`.
    let before = |back: usize, wanted: char| at >= back && is_punct(tokens.get(at - back), wanted);
    let is_member = before(1, '.') && !before(2, '.');
    let is_tail = is_member || before(1, ':') && before(2, ':');
    let mut path = vec![first.to_string()];
    let mut end = at + 1;
    while is_double_colon(tokens, end) {
        let Some(TokenTree::Ident(ident)) = tokens.get(end + 2) else {
            break;
        };
        path.push(ident.to_string());
        end += 3;
    }
    if is_tail || is_lifetime(tokens, at) {
        return end;
    }
    if path.len() > 1 {
        module.mentions.push(Mention { path, line });
    } else if starts_upper(first) || is_called(tokens.get(at + 1)) {
        module.bare.push(Mention { path, line });
    }
    end
}

/// The function that begins at `at`, once for each of its parameters that is a `bool`.
fn read_function(tokens: &[TokenTree], at: usize) -> Vec<Function> {
    let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else {
        return Vec::new();
    };
    let Some(parameters) = parameters(&tokens[at + 2..]) else {
        return Vec::new();
    };
    let parameters: Vec<TokenTree> = parameters.stream().into_iter().collect();
    let text = |at: usize| parameters.get(at).map(squeezed).unwrap_or_default();
    let is_boolean = |colon: usize| {
        let kind: String = (colon + 1..)
            .map(text)
            .take_while(|part| !["", ","].contains(&&**part))
            .collect();
        ["bool", "&bool", "Option<bool>"].contains(&&*kind)
    };
    let colons = (1..parameters.len()).filter(|&colon| text(colon) == ":" && is_boolean(colon));
    colons
        .map(|colon| Function {
            name: name.to_string(),
            parameter: text(colon - 1),
            line: name.span().start().line,
        })
        .collect()
}

/// The parentheses of a function, after its generic parameters.
fn parameters(tokens: &[TokenTree]) -> Option<&Group> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        let is_arrow = at > 0 && is_punct(tokens.get(at - 1), '-');
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' && !is_arrow => depth -= 1,
            TokenTree::Group(group)
                if depth == 0 && group.delimiter() == Delimiter::Parenthesis =>
            {
                return Some(group);
            }
            TokenTree::Group(_)
            | TokenTree::Ident(_)
            | TokenTree::Punct(_)
            | TokenTree::Literal(_) => {}
        }
    }
    None
}

fn read_use(tokens: &[TokenTree], before: &[String], is_reexport: bool, module: &mut Module) {
    for part in tokens.split(|token| is_punct(Some(token), ',')) {
        let mut target = before.to_vec();
        let mut name = None;
        let mut line = 0;
        let mut at = 0;
        while let Some(token) = part.get(at) {
            line = token.span().start().line;
            match token {
                TokenTree::Ident(ident) if ident == "as" => {
                    name = part.get(at + 1).and_then(word);
                    break;
                }
                TokenTree::Ident(ident) if ident == "self" && !target.is_empty() => {
                    name = target.last().cloned();
                }
                TokenTree::Ident(ident) => {
                    target.push(ident.to_string());
                    name = Some(ident.to_string());
                }
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    read_use(&inner, &target, is_reexport, module);
                    target.clear();
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => name = None,
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
        if !target.is_empty() && !part.is_empty() {
            module.imports.push(Import {
                name,
                target,
                is_reexport,
                line,
            });
        }
    }
}

/// Where the item that begins at `at` is over: after its braces or its semicolon.
fn end_of_item(tokens: &[TokenTree], mut at: usize) -> usize {
    let ends_with_semicolon = tokens[at..]
        .iter()
        .find_map(word)
        .is_some_and(|first| ["use", "const", "static", "type", "let"].contains(&first.as_str()));
    while let Some(token) = tokens.get(at) {
        at += 1;
        if is_punct(Some(token), ';') || !ends_with_semicolon && braced(token).is_some() {
            break;
        }
    }
    at
}

/// Whether `at` is the end of `pub` or `pub(…)`.
fn is_public(tokens: &[TokenTree], at: usize) -> bool {
    let at = if matches!(&tokens[at], TokenTree::Group(_)) && at > 0 {
        at - 1
    } else {
        at
    };
    word(&tokens[at]).as_deref() == Some("pub")
}

fn is_lifetime(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && is_punct(tokens.get(at - 1), '\'')
}

fn is_double_colon(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn is_called(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn starts_upper(ident: &Ident) -> bool {
    ident.to_string().starts_with(char::is_uppercase)
}

fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

fn braced(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
            None
        }
    }
}

/// A token's text without blanks.
fn squeezed(token: &TokenTree) -> String {
    token.to_string().split_whitespace().collect()
}
