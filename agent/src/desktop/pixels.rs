//! From an X server's picture, laid out as its hardware likes, to red, green and blue.

use anyhow::{Context, Result, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ImageOrder, Screen, Visualtype};
use x11rb::rust_connection::RustConnection;

/// How the server lays out a picture's pixels.
pub(super) struct Pixels {
    bytes: usize,
    pad: usize,
    order: ImageOrder,
    visual: Visualtype,
}

impl Pixels {
    pub(super) fn of(
        conn: &RustConnection,
        screen: &Screen,
        depth: u8,
        visual: u32,
    ) -> Result<Self> {
        let setup = conn.setup();
        let format = setup
            .pixmap_formats
            .iter()
            .find(|format| format.depth == depth)
            .context("an unknown picture format")?;
        let wanted = if visual == 0 {
            screen.root_visual
        } else {
            visual
        };
        let mut visuals = screen
            .allowed_depths
            .iter()
            .flat_map(|depth| &depth.visuals);
        let visual = *visuals
            .find(|visual| visual.visual_id == wanted)
            .context("an unknown visual")?;
        let bytes = usize::from(format.bits_per_pixel / 8);
        ensure!(
            (2..=4).contains(&bytes),
            "a picture of {} bits per pixel",
            format.bits_per_pixel
        );
        Ok(Self {
            bytes,
            pad: usize::from(format.scanline_pad / 8).max(1),
            order: setup.image_byte_order,
            visual,
        })
    }

    pub(super) fn append_rgb(
        &self,
        data: &[u8],
        width: u16,
        rows: u16,
        picture: &mut Vec<u8>,
    ) -> Result<()> {
        let used = usize::from(width) * self.bytes;
        let line = used.div_ceil(self.pad) * self.pad;
        ensure!(
            data.len() >= line * usize::from(rows),
            "a picture shorter than announced"
        );
        for row in data.chunks_exact(line).take(rows.into()) {
            for pixel in row[..used].chunks_exact(self.bytes) {
                let value = self.value(pixel);
                let masks = [
                    self.visual.red_mask,
                    self.visual.green_mask,
                    self.visual.blue_mask,
                ];
                picture.extend(masks.map(|mask| channel(value, mask)));
            }
        }
        Ok(())
    }

    fn value(&self, pixel: &[u8]) -> u32 {
        let join = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
        if self.order == ImageOrder::LSB_FIRST {
            pixel.iter().rev().fold(0, join)
        } else {
            pixel.iter().fold(0, join)
        }
    }
}

/// One colour of a pixel, stretched to eight bits.
fn channel(value: u32, mask: u32) -> u8 {
    if mask == 0 {
        return 0;
    }
    let (shift, most) = (mask.trailing_zeros(), mask >> mask.trailing_zeros());
    let part = (value & mask) >> shift;
    u8::try_from(u64::from(part) * 255 / u64::from(most)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_stretched_to_eight_bits_from_any_mask() {
        assert_eq!(channel(0x00ff_8000, 0x00ff_0000), 255);
        assert_eq!(channel(0x00ff_8000, 0x0000_ff00), 128);
        assert_eq!(channel(0xf800, 0xf800), 255);
        assert_eq!(channel(0x0010, 0x001f), 131);
        assert_eq!(channel(0xffff_ffff, 0), 0);
    }
}
