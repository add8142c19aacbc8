import CDemoClip
import NIOCore

/// The clip that `--demo` plays: an FLV file that is part of the program, so that it works from anywhere.
package enum BundledClip {
    /// The whole file.
    package static var flv: ByteBuffer {
        ByteBuffer(bytes: UnsafeRawBufferPointer(start: sluice_demo_clip(), count: sluice_demo_clip_size()))
    }
}
