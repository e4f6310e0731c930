import Foundation
import Logging
import StructuredLogging

/// A file that a sink writes to, read back line by line.
final class LogFile {
    let path = FileManager.default.temporaryDirectory.path + "/log-\(UUID().uuidString)"
    let descriptor: Int32
    let sink: LogSink

    init(capacity: Int = 8 << 20) {
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        sink = LogSink(descriptor: descriptor, capacity: capacity)
    }

    func logger(
        _ label: String = "test", level: Logger.Level = .trace, provider: Logger.MetadataProvider? = nil
    ) -> Logger {
        Logger(label: label) { [sink] in
            JSONLogHandler(label: $0, sink: sink, level: level, metadataProvider: provider)
        }
    }

    var text: [UInt8] {
        sink.flush()
        return [UInt8](FileManager.default.contents(atPath: path) ?? Data())
    }

    /// The lines as text.
    var lines: [String] { text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) } }

    /// The lines as JSON objects; one that is none is an empty object.
    var records: [[String: Any]] {
        text.split(separator: UInt8(ascii: "\n")).map {
            (try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]) ?? [:]
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
