import Foundation
import Logging
import StructuredLogging
import Testing

struct Secret: Error, CustomStringConvertible { var description: String { "it broke" } }

@Suite("JSON log handler")
struct HandlerTests {
    @Test("a record is one line with its keys in a stable order")
    func order() throws {
        let log = LogFile()
        var logger = log.logger(provider: Logger.MetadataProvider { ["trace_id": "t1", "span_id": "s1"] })
        logger[metadataKey: "zone"] = "north"
        logger.info("hello", metadata: ["job_id": "7", "request_id": "r1", "apples": .stringConvertible(3)])
        let line = try #require(log.lines.first)
        let keys = line.matches(of: /"([a-z_]+)":/).map { String($0.output.1) }
        #expect(
            keys == ["ts", "level", "msg", "logger", "request_id", "trace_id", "span_id", "job_id", "apples", "zone"])
        let record = try #require(log.records.first)
        #expect(record["level"] as? String == "info" && record["msg"] as? String == "hello")
        #expect(record["apples"] as? Int == 3 && record["logger"] as? String == "test")
        let stamp = try #require(record["ts"] as? String)
        let date = try Date(stamp, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(abs(date.timeIntervalSinceNow) < 60)
    }

    @Test("a record's own metadata beats the provider's, which beats the logger's")
    func precedence() throws {
        let log = LogFile()
        var logger = log.logger(provider: Logger.MetadataProvider { ["a": "provider", "b": "provider"] })
        for key in ["a", "b", "c"] { logger[metadataKey: key] = "logger" }
        logger.info("x", metadata: ["a": "record", "msg": "forged", "level": "forged"])
        let record = try #require(log.records.first)
        #expect(record["a"] as? String == "record" && record["b"] as? String == "provider")
        #expect(record["c"] as? String == "logger" && record["msg"] as? String == "x")
        #expect(log.lines[0].components(separatedBy: "\"msg\"").count == 2)
    }

    @Test(
        "whatever a text holds, it stays one line of valid JSON and reads back as it was",
        arguments: [
            "new\nline\r\nand\ttab", "\u{0}\u{1}\u{8}\u{1b}[31mred\u{7f}", "quote\" back\\slash",
            "\u{85}\u{9b}31m\u{a0}é",
            "\u{2028}\u{2029}\u{202e}olleh\u{2066}x", "𝄞 日本語 €", "{\"level\":\"error\"}\n{\"msg\":\"forged\"}",
            String(decoding: [0x61, 0xff, 0xfe, 0xc0, 0x0a, 0xed, 0xa0, 0x80, 0x62] as [UInt8], as: UTF8.self), "",
        ])
    func injection(text: String) throws {
        let log = LogFile()
        log.logger(text).info("\(text)", metadata: [text + "k": "\(text)", "nested": ["x": [.string(text)]]])
        let bytes = log.text
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 1 && bytes.last == UInt8(ascii: "\n"))
        #expect(bytes.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7f })
        #expect(!String(decoding: bytes, as: UTF8.self).unicodeScalars.contains { (0x80..<0xa0).contains($0.value) })
        let record = try #require(log.records.first)
        #expect(record["msg"] as? String == text && record["logger"] as? String == text)
        #expect(record[text + "k"] as? String == text)
        #expect(((record["nested"] as? [String: Any])?["x"] as? [String])?.first == text)
    }

    @Test("random bytes as message, key and value are one valid line each", arguments: 0..<20)
    func fuzz(seed: Int) {
        let log = LogFile()
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func text() -> String {
            let bytes = (0..<Int(state % 40)).map { _ -> UInt8 in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return UInt8(truncatingIfNeeded: state >> 11)
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return String(decoding: bytes, as: UTF8.self)
        }
        let logger = log.logger()
        let messages = (0..<200).map { _ in text() }
        for message in messages { logger.info("\(message)", metadata: ["k" + text(): "\(text())"]) }
        let records = log.records
        #expect(records.count == 200)
        #expect(records.map { $0["msg"] as? String } == messages)
    }

    @Test("secrets are never shown, at whatever depth and in whatever case")
    func redaction() throws {
        let log = LogFile()
        log.logger().info(
            "login",
            metadata: [
                "password": "hunter2", "DB_Password": "hunter2", "http.Authorization": "hunter2",
                "X-API-Key": "hunter2",
                "deep": ["list": [["token": "hunter2", "user": "ann"]]], "token_count": "5", "compass": "north",
            ])
        #expect(!log.lines[0].contains("hunter2"))
        let record = try #require(log.records.first)
        #expect(record["password"] as? String == "[redacted]")
        #expect(record["token_count"] as? String == "5" && record["compass"] as? String == "north")
        #expect(log.lines[0].contains("ann"))
    }

    @Test("numbers and truth values stay what they are; what JSON cannot say is text")
    func types() throws {
        let log = LogFile()
        log.logger().info(
            "types",
            metadata: [
                "int": .stringConvertible(-5), "big": .stringConvertible(UInt64.max),
                "double": .stringConvertible(0.25),
                "nan": .stringConvertible(Double.nan), "flag": .stringConvertible(true),
                "duration": .stringConvertible(Duration.seconds(2)),
            ])
        let line = log.lines[0]
        #expect(line.contains("\"int\":-5,") && line.contains("\"big\":18446744073709551615,"))
        #expect(line.contains("\"double\":0.25") && line.contains("\"flag\":true") && line.contains("\"nan\":\"nan\""))
        #expect(log.records.first?["duration"] as? String == "2.0 seconds")
    }

    @Test("a text too long is cut between characters; the line stays valid")
    func long() throws {
        let log = LogFile()
        log.logger().info("\(String(repeating: "aé", count: 50_000))")
        let message = try #require(log.records.first?["msg"] as? String)
        #expect(message.hasSuffix("…") && message.utf8.count <= 32 * 1024 + 3 && message.utf8.count > 32_000)
        #expect(!message.unicodeScalars.contains("\u{FFFD}"))
    }

    @Test("an error stands in the record")
    func error() throws {
        let log = LogFile()
        log.logger().error("failed", error: Secret())
        #expect(log.records.first?["error"] as? String == "it broke")
        #expect(log.records.first?["error_type"] as? String == "Secret")
    }
}
