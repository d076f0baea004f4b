//! Input: what stands in a file, or on standard input?

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::Context as _;
use iam::inventory;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Everything in a file; `-` is standard input.
///
/// # Errors
/// Where it cannot be read or is too large, with its name.
pub(crate) fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    whole(path, LONGEST_PLAN)
}

/// As [`bytes`], but no more than one byte beyond a limit; whoever takes the bytes says what is wrong with so many.
///
/// # Errors
/// Where it cannot be read, with its name.
pub(crate) fn bytes_up_to(path: &Path, limit: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = if path.as_os_str() == STANDARD_INPUT {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| {
            let size = file.metadata()?.len().min(most);
            bytes.reserve_exact(usize::try_from(size).unwrap_or(0).saturating_add(1));
            file.take(most).read_to_end(&mut bytes)
        })
    };
    read.with_context(|| cannot_read(path))?;
    Ok(bytes)
}

/// A file to be read line by line, without a byte order mark.
///
/// # Errors
/// Where it cannot be opened or is UTF-16, with its name.
pub(crate) fn lines(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    let mut lines: Box<dyn BufRead> = if path.as_os_str() == STANDARD_INPUT {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path).with_context(|| cannot_read(path))?;
        Box::new(BufReader::with_capacity(1 << 20, file))
    };
    let start = lines.fill_buf().with_context(|| cannot_read(path))?;
    not_utf16(start, path)?;
    if start.starts_with(BYTE_ORDER_MARK) {
        lines.consume(BYTE_ORDER_MARK.len());
    }
    Ok(lines)
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn not_utf16(bytes: &[u8], path: &Path) -> anyhow::Result<()> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        anyhow::bail!("{} is UTF-16: save the file as UTF-8", name(path));
    }
    Ok(())
}

/// How a file that gzip compressed begins.
const GZIP: &[u8] = b"\x1f\x8b";

/// What a person writes is smaller; a larger file is another one.
const LONGEST_TEXT: usize = 16 << 20;
/// The plan of a large installation has some tens of MiB.
const LONGEST_PLAN: usize = 256 << 20;

/// Everything in a file that a person wrote, as text without a byte order mark.
///
/// # Errors
/// Where it cannot be read, is too large or is no UTF-8, with its name and the place.
pub(crate) fn text(path: &Path) -> anyhow::Result<String> {
    text_up_to(path, LONGEST_TEXT)
}

fn text_up_to(path: &Path, longest: usize) -> anyhow::Result<String> {
    let bytes = whole(path, longest)?;
    not_utf16(&bytes, path)?;
    utf8(bytes, path)
}

fn whole(path: &Path, longest: usize) -> anyhow::Result<Vec<u8>> {
    let bytes = bytes_up_to(path, longest)?;
    if bytes.len() > longest {
        anyhow::bail!(
            "{} is larger than {} MiB: is it the right file?",
            name(path),
            longest >> 20
        );
    }
    Ok(bytes)
}

fn utf8(mut bytes: Vec<u8>, path: &Path) -> anyhow::Result<String> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        anyhow::anyhow!(
            "{}: line {line} is not UTF-8: save the file as UTF-8",
            name(path)
        )
    })
}

fn cannot_read(path: &Path) -> String {
    if path.as_os_str() == STANDARD_INPUT {
        "cannot read standard input".to_owned()
    } else {
        format!("cannot read `{}`", path.display())
    }
}

/// As [`text`], for what programs write: Terraform's plans grow large, and PowerShell's `>` makes them UTF-16.
///
/// # Errors
/// As [`text`]; for a zip archive, as Terraform saves its plans, and for what gzip compressed the command that prints it.
pub(crate) fn long_text(path: &Path) -> anyhow::Result<String> {
    long(whole(path, LONGEST_PLAN)?, path)
}

/// As [`long_text`], and unpacked where gzip compressed it.
///
/// # Errors
/// As [`long_text`]; where it cannot be unpacked.
pub(crate) fn unpacked_text(path: &Path) -> anyhow::Result<String> {
    let bytes = whole(path, LONGEST_PLAN)?;
    if !bytes.starts_with(GZIP) {
        return long(bytes, path);
    }
    let text = inventory::text(&bytes);
    let text = text.with_context(|| format!("{} cannot be unpacked", name(path)))?;
    Ok(text.into_owned())
}

fn long(bytes: Vec<u8>, path: &Path) -> anyhow::Result<String> {
    if bytes.starts_with(b"PK\x03\x04") {
        let name = name(path);
        anyhow::bail!(
            "{name} is a zip archive, as Terraform saves a plan: pass what `terraform show -json {name}` prints"
        );
    }
    if bytes.starts_with(GZIP) {
        let name = name(path);
        anyhow::bail!("{name} is compressed with gzip: pass what `gunzip -c {name}` prints");
    }
    match utf16(&bytes) {
        Some(text) => text.with_context(|| format!("{} is no whole UTF-16", name(path))),
        None => utf8(bytes, path),
    }
}

/// The text of UTF-16 with a byte order mark; `None` where there is no such mark.
fn utf16(bytes: &[u8]) -> Option<Result<String, std::string::FromUtf16Error>> {
    let (read, rest): (fn([u8; 2]) -> u16, _) = match bytes {
        [0xff, 0xfe, rest @ ..] => (u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => (u16::from_be_bytes, rest),
        _ => return None,
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| read(*pair)).collect();
    Some(String::from_utf16(&units))
}

/// What to call a file in front of a line number, and in messages about what stands in it.
pub(crate) fn name(path: &Path) -> String {
    if path.as_os_str() == STANDARD_INPUT {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}
