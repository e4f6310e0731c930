import Testing

@testable import JobQueue

@Suite struct ProcessMessageTests {
    private static let job = ClaimedJob(
        id: JobID(), run: 3, kind: "käse", queue: "q", payload: Array(0...255), attempt: 2, maxAttempts: 9,
        waited: .milliseconds(1234), checkpoint: [1, 2], parent: JobID(), metadata: ["a": "b", "traceparent": ""])

    private static let messages: [ProcessMessage] =
        [
            .run(job), .cancel(.softLimit), .checkpointSaved(number: -1, error: nil),
            .checkpointSaved(number: 7, error: "gone"), .ready, .update(progress: 0.25, message: nil),
            .update(progress: nil, message: "half"), .checkpoint(number: 8, bytes: []),
            .ended(nil, progress: nil, message: nil),
        ]
        + [
            .completed(result: nil), .completed(result: [1]), .retry(after: .seconds(3), error: "x"),
            .snoozed(.milliseconds(5)), .waitingForChildren, .dead(error: "d"), .discarded(reason: ""),
            .cancelled(reason: "c"), .returned,
        ].map { .ended($0, progress: 1, message: "m") }

    @Test func `every message comes out as it went in, however the bytes are cut`() throws {
        let bytes = Self.messages.flatMap(\.encoded)
        for size in [1, 2, 3, 7, 64, bytes.count] {
            var stream = MessageStream()
            var found: [ProcessMessage] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                stream.append(bytes[start..<min(bytes.count, start + size)])
                while let message = try stream.next() { found.append(message) }
            }
            #expect(found == Self.messages)
        }
    }

    @Test func `bytes that are no message are refused, and never read beyond their end`() {
        var random = SystemRandomNumberGenerator()
        for message in Self.messages {
            let body = Array(message.encoded.dropFirst(4))
            for _ in 0..<200 {
                var broken = body
                broken[Int.random(in: 0..<broken.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                _ = ProcessMessage(broken)
            }
            for count in 0..<body.count { #expect(ProcessMessage(body.prefix(count)) == nil) }
        }
        var stream = MessageStream()
        stream.append([255, 255, 255, 255, 0])
        #expect(throws: JobError.self) { try stream.next() }
    }
}
