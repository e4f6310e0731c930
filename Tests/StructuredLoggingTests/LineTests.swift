import Foundation
import Logging
import StructuredLogging
import TestServers
import Testing

@Suite("Lines of the JSON log handler, byte by byte")
struct LineTests {
    @Test func `a character that must be escaped is found at whatever place of a text of whatever length`() {
        let log = LogFile()
        var texts: [String] = []
        for length in 0...26 {
            let plain = String("abcdefghijklmnopqrstuvwxyz!".prefix(length))
            texts.append(plain)
            for place in 0..<length {
                let start = plain.index(plain.startIndex, offsetBy: place)
                for special in ["\"", "\\", "\n", "\u{1f}", "\u{7f}", "\u{85}", "\u{2028}", "é", "🚑", " ", "~"] {
                    texts.append(plain.replacingCharacters(in: start...start, with: special))
                }
            }
        }
        let logger = log.logger()
        for text in texts { logger.info("\(text)", metadata: ["k\(text)": "\(text)"]) }
        let records = log.records
        #expect(records.map { $0["msg"] as? String } == texts)
        for (record, text) in zip(records, texts) { #expect(record["k\(text)"] as? String == text) }
        #expect(log.text.allSatisfy { $0 == 0x0A || $0 >= 0x20 && $0 != 0x7F })
    }

    @Test func `texts around the limit are whole up to it and cut above it`() throws {
        let log = LogFile()
        let limit = 32 * 1024
        for length in [limit - 1, limit, limit + 1] {
            for last in ["x", "\n", "é", "🚑"] {
                let text = String(repeating: "a", count: length - last.utf8.count) + last
                log.logger().info("\(text)")
                let message = try #require(log.records.last?["msg"] as? String)
                if length <= limit {
                    #expect(message == text)
                } else {
                    #expect(message.hasSuffix("…") && text.hasPrefix(message.dropLast()))
                    #expect(message.utf8.count > limit - 4)
                }
            }
        }
    }

    @Test("fields of three sources stand in the order of their names, the first to name one wins", arguments: 0..<40)
    func model(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // Names that begin alike, and those that have a place of their own.
        var names = ["request_id", "trace_id", "span_id", "job_id", "msg", "level", "ts", "logger", ""]
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            names.append(
                String(
                    (0..<Int.random(in: 1...12, using: &random)).map { _ in
                        "ab\"_é".randomElement(using: &random) ?? "a"
                    }))
        }
        func some(_ source: String) -> Logger.Metadata {
            var metadata: Logger.Metadata = [:]
            for name in names where Bool.random(using: &random) { metadata[name] = "\(source)" }
            return metadata
        }
        let (own, provided, standing) = (some("record"), some("provider"), some("logger"))
        let log = LogFile()
        var logger = log.logger(provider: Logger.MetadataProvider { provided })
        for (name, value) in standing { logger[metadataKey: name] = value }
        logger.info("m", metadata: own)
        let line = try #require(log.lines.first)

        let merged = own.merging(provided) { first, _ in first }.merging(standing) { first, _ in first }
        let ids = ["request_id", "trace_id", "span_id", "job_id"]
        let rest = merged.keys.filter { !(ids + ["msg", "level", "ts", "logger"]).contains($0) }
            .map { (name: $0, text: $0.replacing("\"", with: "\\\"")) }
            // Names that begin with the same seven bytes are in the order of what stands in the line.
            .sorted { one, other in
                let (first, second) = (Array(one.name.utf8.prefix(7)), Array(other.name.utf8.prefix(7)))
                return first == second
                    ? one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
                    : first.lexicographicallyPrecedes(second)
            }
        let fields = ids.filter { merged[$0] != nil }.map { ($0, $0) } + rest.map { ($0.name, $0.text) }
        let expected = fields.map { ",\"\($1)\":\"\(merged[$0] ?? "")\"" }.joined()
        #expect(line.hasSuffix("\"level\":\"info\",\"msg\":\"m\",\"logger\":\"test\"" + expected + "}"))
    }

    @Test func `numbers at their ends, and lists and dictionaries with nothing in them, are what they are`() {
        let log = LogFile()
        let numbers = [0, 7, -1, 10, 99, 100, Int.max, Int.min]
        for number in numbers { log.logger().info("n", metadata: ["n": .stringConvertible(number)]) }
        for (line, number) in zip(log.lines, numbers) { #expect(line.hasSuffix(",\"n\":\(number)}")) }
        log.logger().info("e", metadata: ["a": [], "d": [:], "n": ["x": [:], "y": [[:], []], "z": "1"]])
        #expect(log.lines.last?.hasSuffix(#","a":[],"d":{},"n":{"x":{},"y":[{},[]],"z":"1"}}"#) == true)
    }

    @Test func `a value that logs while it is described leaves both lines whole`() {
        struct Talker: CustomStringConvertible, Sendable {
            let logger: Logger
            var description: String {
                logger.info("inner", metadata: ["b": "2", "a": "1"])
                return "outer value"
            }
        }
        let log = LogFile()
        log.logger().info("outer", metadata: ["x": .stringConvertible(Talker(logger: log.logger())), "c": "3"])
        #expect(log.records.map { $0["msg"] as? String } == ["inner", "outer"])
        #expect(log.records.last?["x"] as? String == "outer value" && log.records.last?["c"] as? String == "3")
    }
}
