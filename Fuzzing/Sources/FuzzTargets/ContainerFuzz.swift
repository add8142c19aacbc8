import ISOBMFF
import MPEGTS
import NIOCore

/// In front: how the bytes arrive.
func fuzzMP4(_ input: inout FuzzInput) {
    let pattern = input.byte()
    let whole = readMP4(input.rest, 0)
    promise(whole == readMP4(input.rest, pattern), "cuts change nothing")
    for element in whole { writeAgain(element) }
    readMovie(input.rest)
}

private func readMP4(_ bytes: ByteBuffer, _ pattern: UInt8) -> [FragmentReader.Element] {
    var limits = ISOBMFFLimits()
    limits.movieBytesMax = 8192
    limits.mediaBytesMax = 8192
    var reader = FragmentReader(limits: limits)
    var elements: [FragmentReader.Element] = []
    var pending = ByteBuffer()
    for piece in Pieces(bytes, pattern: pattern) {
        pending.writeImmutableBuffer(piece)
        do throws(ISOBMFFError) {
            while let element = try reader.read(from: &pending) { elements.append(element) }
        } catch {
            promise(!error.description.isEmpty, "an error says something")
            return elements
        }
        pending.discardReadBytes()
    }
    return elements
}

/// What was understood can be written.
private func writeAgain(_ element: FragmentReader.Element) {
    var bytes = ByteBuffer()
    switch element {
    case .fileType(let type): type.write(as: .ftyp, into: &bytes)
    case .segmentType(let type): type.write(as: .styp, into: &bytes)
    case .fragment(let fragment):
        fragment.write(into: &bytes)
        promise(bytes.readableBytes == fragment.encodedBytes, "a fragment is as long as it says")
    case .producerReferenceTime(let time): time.write(into: &bytes)
    case .segmentIndex(let index): index.write(into: &bytes)
    case .initSegment(let segment):
        do throws(ISOBMFFError) { try segment.write(into: &bytes) } catch {
            promise(!error.description.isEmpty, "an error says something")
        }
    case .event: break
    }
}

/// The bytes as the body of `moov`: tracks, and the places of their samples.
private func readMovie(_ bytes: ByteBuffer) {
    do throws(ISOBMFFError) {
        let movie = try Movie(parsing: Box(type: .moov, payload: bytes))
        var cursor = try movie.makeCursor()
        var count = 0
        while count < 4096, try cursor.next() != nil { count += 1 }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}

/// In front: how the bytes arrive.
func fuzzTS(_ input: inout FuzzInput) {
    let pattern = input.byte()
    let whole = readTS(input.rest, 0)
    promise(whole == readTS(input.rest, pattern), "cuts change nothing")
}

private func readTS(_ bytes: ByteBuffer, _ pattern: UInt8) -> [TSReader.Element] {
    var reader = TSReader(limits: TSLimits(pesBytesMax: 4096, pendingBytesMax: 8192))
    var elements: [TSReader.Element] = []
    var pending = ByteBuffer()
    for piece in Pieces(bytes, pattern: pattern) {
        pending.writeImmutableBuffer(piece)
        do throws(TSError) {
            while let element = try reader.read(from: &pending) { elements.append(element) }
        } catch {
            promise(error.damage == .stream, "only the loss of the place ends the reading")
            return elements
        }
        pending.discardReadBytes()
    }
    return elements + reader.finish()
}
