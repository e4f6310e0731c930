/// Texts that are written again and again, kept as bytes that were escaped once, by their place in a table.
///
/// They lie one behind the other with some bytes more at the end, so that a short one is copied as one fixed block.
final class Segments: @unchecked Sendable {  // its memory is written in init only
    private let bytes: UnsafeMutableRawPointer
    private let ends: UnsafeMutablePointer<Int32>
    private let count: Int

    /// What is copied in one go: four words.
    private typealias Block = (UInt64, UInt64, UInt64, UInt64)

    /// - Parameter write: writes the text of a place.
    init(count: Int, _ write: (Int, inout UTF8Sink) -> Void) {
        var sink = UTF8Sink(capacity: 4096)
        self.count = count
        ends = .allocate(capacity: count + 1)
        ends.initialize(repeating: 0, count: count + 1)
        for place in 0..<count {
            write(place, &sink)
            ends[place + 1] = Int32(sink.count)
        }
        let size = sink.count + MemoryLayout<Block>.size
        bytes = .allocate(byteCount: size, alignment: 16)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let target = UnsafeMutableRawBufferPointer(start: bytes, count: size)
        sink.withBytes { target.copyMemory(from: UnsafeRawBufferPointer($0)) }
    }

    deinit {
        bytes.deallocate()
        ends.deallocate()
    }

    /// Appends the text of a place; nothing where there is no such place.
    @inline(__always)
    func append(_ place: Int, _ sink: inout UTF8Sink) {
        guard place >= 0, place < count else { return }
        let start = Int(ends[place])
        let length = Int(ends[place + 1]) - start
        let target = UnsafeMutableRawPointer(sink.room(max(length, MemoryLayout<Block>.size)))
        let source = UnsafeRawPointer(bytes) + start
        if length <= MemoryLayout<Block>.size {
            target.storeBytes(of: source.loadUnaligned(as: Block.self), as: Block.self)
        } else {
            target.copyMemory(from: source, byteCount: length)
        }
        sink.advance(length)
    }
}

/// A number's digits, to be written more than once.
struct Digits: Sendable {
    private var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
    private let count: Int

    init(_ number: UInt64) {
        var length = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        count = length
        rest = number
        withUnsafeMutableBytes(of: &words) { bytes in
            for at in stride(from: length - 1, through: 0, by: -1) {
                bytes[at] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
                rest /= 10
            }
        }
    }

    @inline(__always)
    func append(_ sink: inout UTF8Sink) {
        UnsafeMutableRawPointer(sink.room(24)).storeBytes(of: words, as: (UInt64, UInt64, UInt64).self)
        sink.advance(count)
    }
}
