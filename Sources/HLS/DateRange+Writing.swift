import NIOCore

extension DateRange {
    func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-DATERANGE:ID=")
        buffer.writeQuoted(id)
        if let className {
            buffer.writeString(",CLASS=")
            buffer.writeQuoted(className)
        }
        for (name, time) in [(",START-DATE=", start), (",END-DATE=", end)] {
            guard let time else { continue }
            buffer.writeString(name)
            buffer.writeQuoted(time.description)
        }
        for (name, duration) in [(",DURATION=", duration), (",PLANNED-DURATION=", plannedDuration)] {
            guard let duration else { continue }
            buffer.writeString(name)
            buffer.writeSeconds(duration)
        }
        for attribute in attributes {
            buffer.writeString(",\(attribute.name)=")
            switch attribute.value {
            case .text(let text): buffer.writeQuoted(text)
            case .plain(let text): buffer.writeString(text)
            }
        }
        buffer.writeString(isEndOnNext ? ",END-ON-NEXT=YES\n" : "\n")
    }
}
