import AMF
import FLV
import NIOCore
import RTMP

/// Chunks, AMF, FLV and sessions: what is done once for each publisher.
enum Protocols {
    static func chunks(_ table: Table) {
        table.begin("RTMP chunks")
        let bytes = Stream.chunks(of: 60_000).readableBytes
        let copy = measure(operations: 1) {
            for read in Stream.reads60000 { keep(ByteBuffer(bytes: read.readableBytesView)) }
        }
        table.row("copying the bytes", copy, per: "\(bytes / 1000) KB", bytes: bytes)
        for chunkSize in [128, 4096, 60_000] {
            let reads = Stream.reads(Stream.chunks(of: chunkSize))
            let size = reads.reduce(0) { $0 + $1.readableBytes }
            let count = Stream.messages.count
            let decode = measure(operations: count) {
                var reader = ChunkReader()
                var pending = ByteBuffer()
                for read in reads {
                    if pending.readableBytes == 0 { pending = read } else { pending.writeImmutableBuffer(read) }
                    while let message = try? reader.read(from: &pending) { keep(message.timestamp) }
                }
            }
            table.row(
                "decode, chunks of \(chunkSize)", decode, per: "message", bytes: size / count,
                note: "×\(number(decode.nanoseconds * Double(count) / copy.nanoseconds, 2)) of copying")
            var output = ByteBuffer()
            let encode = measure(operations: count) {
                output.clear()
                var writer = ChunkWriter()
                writer.setChunkSize(chunkSize, into: &output)
                for message in Stream.messages { writer.write(message, on: .video, into: &output) }
            }
            table.row(
                "encode, chunks of \(chunkSize)", encode, per: "message", bytes: size / count,
                note: "×\(number(encode.nanoseconds * Double(count) / copy.nanoseconds, 2)) of copying")
        }
    }

    static func amf(_ table: Table) {
        table.begin("AMF 0")
        let command = ConnectRequest(
            app: "live", tcURL: "rtmp://localhost/live", flashVersion: "FMLE/3.0 (compatible; FMSc/1.0)",
            capabilities: .forwardingEverything, properties: ["type": .string("nonprivate")]
        ).command
        var connect = ByteBuffer()
        command.write(into: &connect)
        let metadata = AMF0Value.ecmaArray([
            "duration": .number(0), "width": .number(1280), "height": .number(720), "videodatarate": .number(2500),
            "framerate": .number(30), "videocodecid": .number(7), "audiodatarate": .number(160),
            "audiosamplerate": .number(48000), "audiosamplesize": .number(16), "stereo": .boolean(true),
            "audiocodecid": .number(10), "encoder": .string("Lavf59.27.100"), "filesize": .number(0),
        ])
        var body = ByteBuffer()
        AMF0Value.string("onMetaData").write(into: &body)
        metadata.write(into: &body)
        for (name, bytes) in [("connect", connect), ("onMetaData", body)] {
            let decode = measure(operations: 1) {
                var bytes = bytes
                keep(try? AMF0Value.decodeAll(from: &bytes))
            }
            table.row("decode \(name)", decode, per: "\(bytes.readableBytes) bytes")
        }
        var output = ByteBuffer()
        let encode = measure(operations: 1) {
            output.clear()
            metadata.write(into: &output)
        }
        table.row("encode onMetaData", encode, per: "\(body.readableBytes) bytes")
    }

    static func flv(_ table: Table) {
        table.begin("FLV")
        let count = Stream.tags.count
        var file = ByteBuffer()
        let render = measure(operations: count) {
            file.clear()
            FLVWriter.writeHeader(hasAudio: true, hasVideo: true, into: &file)
            for tag in Stream.tags {
                FLVWriter.writeTag(tag.type, timestamp: tag.timestamp, body: tag.body, into: &file)
            }
        }
        table.row("write tags", render, per: "tag", bytes: file.readableBytes / count)
        let read = measure(operations: count) {
            var reader = FLVReader()
            var rest = file
            while let element = try? reader.read(from: &rest) { keep(element) }
        }
        table.row("read tags", read, per: "tag", bytes: file.readableBytes / count)
        for (name, type) in [("parse a picture's body", FLVTagType.video), ("parse an audio body", .audio)] {
            guard let body = Stream.tags.first(where: { $0.type == type })?.body else { continue }
            let parse = measure(operations: 1) {
                if type == .video { keep(try? VideoTag(parsing: body)) } else { keep(try? AudioTag(parsing: body)) }
            }
            table.row(name, parse, per: "tag")
        }
    }

    static func sessions(_ table: Table) {
        table.begin("RTMP sessions")
        let count = Stream.messages.count
        for chunkSize in [128, 4096, 60_000] {
            let session = publishing(chunkSize: chunkSize)
            let reads = Stream.reads(Stream.chunks(of: chunkSize))
            let publish = measure(operations: count) {
                var session = session
                for read in reads {
                    session.receive(read, at: .uptimeNanoseconds(0))
                    while let action = try? session.nextAction() { keep(action) }
                }
            }
            table.row("publish, chunks of \(chunkSize)", publish, per: "message")
        }
        let handshake = ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072))
        let random = [UInt8](repeating: 7, count: 1528)
        let shake = measure(operations: 1) {
            var session = RTMPServerSession(randomBytes: random, now: .uptimeNanoseconds(0))
            session.receive(handshake, at: .uptimeNanoseconds(0))
            while let action = try? session.nextAction() { keep(action) }
        }
        table.row("plain handshake", shake, per: "connection")
    }

    /// A session whose client has begun to publish.
    private static func publishing(chunkSize: Int) -> RTMPServerSession {
        var session = RTMPServerSession(randomBytes: [], now: .uptimeNanoseconds(0))
        session.receive(ByteBuffer(bytes: [3] + [UInt8](repeating: 0, count: 3072)), at: .uptimeNanoseconds(0))
        accept(&session)
        let commands: [(Command, UInt32)] = [
            (ConnectRequest(app: "live").command, 0), (Command(.createStream, transactionID: 2), 0),
            (Command(.publish, transactionID: 3, arguments: [.string("bench"), .string("live")]), 1),
        ]
        for (command, stream) in commands {
            var payload = ByteBuffer()
            command.write(into: &payload)
            var bytes = ByteBuffer()
            ChunkWriter.writeUncompressed(
                typeID: .commandAMF0, streamID: MessageStreamID(rawValue: stream), timestamp: 0, payload: payload,
                on: .command, chunkSize: 128, into: &bytes)
            session.receive(bytes, at: .uptimeNanoseconds(0))
            accept(&session)
        }
        return session
    }

    private static func accept(_ session: inout RTMPServerSession) {
        while let action = try? session.nextAction() {
            switch action {
            case .connectRequested: session.acceptConnect()
            case .publishRequested(let id, _): session.acceptPublish(id)
            default: break
            }
        }
    }
}

extension Stream {
    static let reads60000 = reads(chunks(of: 60_000))
}
