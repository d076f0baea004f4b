//! Bytes to text: is it packed, which encoding is it, is it too large?
//!
//! In: a file as it is. Out: UTF-8 text without a byte order mark, borrowed where nothing had to be unpacked. UTF-16 and
//! other packers are recognised in order to be named, not to be read.

use std::borrow::Cow;
use std::io::Read as _;

use super::error::ReadInventoryError;

/// Unpacks and decodes.
pub(super) fn decode(bytes: &[u8], limit: usize) -> Result<Cow<'_, str>, ReadInventoryError> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let unpacking = flate2::bufread::MultiGzDecoder::new(bytes)
            .take(most)
            .read_to_end(&mut unpacked);
        if let Err(source) = unpacking {
            return Err(ReadInventoryError::Gzip {
                unpacked: unpacked.len(),
                source,
            });
        }
        within(&unpacked, limit)?;
        known_encoding(&unpacked)?;
        if unpacked.starts_with(BYTE_ORDER_MARK) {
            unpacked.drain(..BYTE_ORDER_MARK.len());
        }
        return String::from_utf8(unpacked)
            .map(Cow::Owned)
            .map_err(|error| not_utf8(error.as_bytes(), error.utf8_error()));
    }
    within(bytes, limit)?;
    known_encoding(bytes)?;
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|error| not_utf8(bytes, error))
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn within(bytes: &[u8], limit: usize) -> Result<(), ReadInventoryError> {
    if bytes.len() > limit {
        return Err(ReadInventoryError::TooLarge { limit });
    }
    Ok(())
}

fn known_encoding(bytes: &[u8]) -> Result<(), ReadInventoryError> {
    const SAVE: &str = "save it as UTF-8; in Windows PowerShell, `>` writes UTF-16, `| Out-File -Encoding utf8` does not";
    const UNPACK: &str = "unpack it first, or pack it with gzip";
    let (found, advice) = match bytes {
        [0xff, 0xfe, ..] | [b'{' | b'[', 0, ..] => ("UTF-16 (little-endian)", SAVE),
        [0xfe, 0xff, ..] | [0, b'{' | b'[', ..] => ("UTF-16 (big-endian)", SAVE),
        [b'P', b'K', 3, 4, ..] => ("a zip archive", UNPACK),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => ("packed with zstd", UNPACK),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => ("packed with bzip2", UNPACK),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => ("packed with xz", UNPACK),
        _ => return Ok(()),
    };
    Err(ReadInventoryError::Encoding { found, advice })
}

fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> ReadInventoryError {
    let (before, rest) = bytes
        .split_at_checked(error.valid_up_to())
        .unwrap_or((bytes, &[]));
    let line_start = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    ReadInventoryError::NotUtf8 {
        line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
        column: before.len() - line_start + 1,
        byte: rest.first().copied().unwrap_or_default(),
    }
}
