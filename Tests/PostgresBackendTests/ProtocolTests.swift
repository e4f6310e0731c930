import Foundation
import SQLDatabase
import TestServers
import Testing

@testable import PostgresBackend

/// A message as the server sends it: a type, the length of what follows with itself, the body.
func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    [type] + bigEndian(Int32(body.count + 4)) + body
}

func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

func cString(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

/// Random bytes.
func bytes(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
    Array(unsafeUninitializedCapacity: count) { buffer, filled in
        var word: UInt64 = 0
        while filled < count {
            word = filled % 8 == 0 ? random.next() : word >> 8
            buffer[filled] = UInt8(truncatingIfNeeded: word)
            filled += 1
        }
    }
}

/// A copy with a few bytes changed, removed, doubled or inserted, or cut off.
func mutated(_ original: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) {
        guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &random)] }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
        case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.remove(at: index)
        case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        case 4: bytes.removeSubrange(index...)
        default:
            let end = Int.random(in: index...min(bytes.count - 1, index + 8), using: &random)
            bytes.insert(contentsOf: bytes[index...end], at: index)
        }
    }
    return bytes
}

@Suite("Messages of the protocol") struct ProtocolTests {
    /// Writes bytes to a buffer as a socket does: as many as fit.
    private func feed(_ buffer: InputBuffer, _ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let space = buffer.freeSpace()
            let count = min(space.count, rest.count)
            #expect(count > 0)
            rest.prefix(count).withUnsafeBytes { space.copyMemory(from: $0) }
            buffer.received(count)
            rest = rest.dropFirst(count)
        }
    }

    @Test(arguments: 0..<40) func `the same messages come out however the stream is split`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var sent: [(UInt8, [UInt8])] = []
        var stream: [UInt8] = []
        for _ in 0..<Int.random(in: 1...200, using: &random) {
            let size = [0, 1, 10, 50, 1000, 1000, 20_000].randomElement(using: &random) ?? 0
            let isLong = seed % 8 == 0 && sent.count == 3
            let body = bytes(isLong ? 600_000 : Int.random(in: 0...size, using: &random), &random)
            sent.append((UInt8.random(in: 0...255, using: &random), body))
            stream += message(sent[sent.count - 1].0, body)
            if stream.count > 1 << 16, seed % 8 != 0 { break }
        }
        let largest = seed % 8 == 0 ? 100_000 : [7, 100, 4096].randomElement(using: &random) ?? 1
        let buffer = InputBuffer()
        var received = 0
        var position = 0
        while position < stream.count {
            let count = min(Int.random(in: 1...largest, using: &random), stream.count - position)
            feed(buffer, stream[position..<position + count])
            position += count
            // Not everything is taken at once.
            var budget = Int.random(in: 0...4, using: &random) == 0 ? 1 : Int.max
            while budget > 0, let next = try buffer.next() {
                guard next.type == sent[received].0, Array(next.body) == sent[received].1 else {
                    Issue.record("message \(received) differs")
                    return
                }
                received += 1
                budget -= 1
            }
        }
        while let next = try buffer.next() {
            #expect(next.type == sent[received].0 && next.body.elementsEqual(sent[received].1))
            received += 1
        }
        #expect(received == sent.count)
        #expect(buffer.count == 0)
    }

    @Test(arguments: [Int32.min, -5, -1, 0, 1, 3, 1 << 30 + 1 << 20 + 1, .max])
    func `a length that no message has is an error`(_ length: Int32) throws {
        let buffer = InputBuffer()
        feed(buffer, (message(UInt8(ascii: "Z"), [73]) + [UInt8(ascii: "D")] + bigEndian(length) + [1, 2, 3])[...])
        #expect(try buffer.next()?.type == UInt8(ascii: "Z"))
        let error = #expect(throws: PostgresError.self) { try buffer.next() }
        #expect(error?.code == .protocolViolation)
    }

    @Test func `memory for a long message is taken as its bytes come`() throws {
        let buffer = InputBuffer()
        feed(buffer, ([UInt8(ascii: "D")] + bigEndian(Int32(1 << 30)) + [1, 2, 3])[...])
        #expect(try buffer.next() == nil)
        #expect(buffer.freeSpace().count < 1 << 20)
    }

    @Test(arguments: 0..<200) func `a reader never reads past the end of a message`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let body = bytes(Int.random(in: 0...40, using: &random), &random)
        body.withUnsafeBytes { raw in
            var reader = MessageReader(raw)
            var position = 0
            var isOverrun = false
            func fits(_ count: Int) -> Bool {
                if count >= 0, count <= body.count - position { return true }
                isOverrun = true
                position = body.count
                return false
            }
            for _ in 0..<30 {
                switch Int.random(in: 0..<5, using: &random) {
                case 0:
                    let value: UInt8 = reader.integer()
                    if fits(1) { #expect(value == body[position]); position += 1 } else { #expect(value == 0) }
                case 1:
                    let value: Int32 = reader.integer()
                    if fits(4) {
                        #expect(bigEndian(value) == Array(body[position..<position + 4]))
                        position += 4
                    } else {
                        #expect(value == 0)
                    }
                case 2:
                    let count = [-1, 0, 1, 5, 100, Int.max, Int.min].randomElement(using: &random) ?? 0
                    let taken = reader.take(count)
                    if fits(count) {
                        #expect(taken.elementsEqual(body[position..<position + count]))
                        position += count
                    } else {
                        #expect(taken.isEmpty)
                    }
                default:
                    let text = reader.string()
                    if let end = body[position...].firstIndex(of: 0) {
                        #expect(text == String(decoding: body[position..<end], as: UTF8.self))
                        position = end + 1
                    } else {
                        _ = fits(.max)
                        #expect(text.isEmpty)
                    }
                }
                #expect(reader.isOverrun == isOverrun)
                #expect(reader.isAtEnd == (position == body.count))
            }
        }
    }

    @Test(arguments: 0..<40) func `output is what was appended, with the lengths of its messages`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let output = OutputBuffer()
        let isLong = seed % 20 == 0
        var expected: [UInt8] = []
        for _ in 0..<Int.random(in: 1...(isLong ? 15 : 100), using: &random) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                let count = Int.random(in: 0...expected.count, using: &random)
                output.removeSent(count)
                expected.removeFirst(count)
            case 1 where Int.random(in: 0..<10, using: &random) == 0:
                output.removeAll()
                expected = []
            default:
                let type = UInt8.random(in: 65...90, using: &random)
                let mark = output.beginMessage(type)
                var body: [UInt8] = []
                for _ in 0..<Int.random(in: 0...4, using: &random) {
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0:
                        let value = Int64.random(in: .min ... .max, using: &random)
                        output.append(value)
                        body += bigEndian(value)
                    case 1:
                        let text = Bool.random(using: &random) ? "a\u{0}b" : "Zürich"
                        #expect(output.appendCString(text) == !text.utf8.contains(0))
                        body += cString(text)
                    case 2:
                        let value = bytes(
                            [0, 3, 500, isLong ? 300_000 : 5000].randomElement(using: &random) ?? 0, &random)
                        let length = output.beginLength()
                        value.withUnsafeBytes { output.append($0) }
                        output.endLength(length)
                        body += bigEndian(Int32(value.count)) + value
                    default:
                        output.append(Int16(-2))
                        body += bigEndian(Int16(-2))
                    }
                }
                output.endMessage(mark)
                expected += message(type, body)
            }
            guard output.count == expected.count, Array(output.pending) == expected else {
                Issue.record("the output differs")
                return
            }
        }
    }
}
