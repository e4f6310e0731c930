/// Where writers put their bytes: a buffer that is filled, taken and filled again, on plain memory, so that a segment
/// costs a comparison and a copy. It is not copied; it belongs to one task at a time.
public struct UTF8Sink: ~Copyable, @unchecked Sendable {  // its memory has one owner, and moves with it
    private var start: UnsafeMutablePointer<UInt8>
    /// Bytes in it.
    public private(set) var count = 0
    private var capacity: Int

    /// An empty one.
    /// - Parameter capacity: bytes it holds before it grows.
    public init(capacity: Int = 1 << 16) {
        self.capacity = max(64, capacity)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// Forgets the bytes and keeps the memory.
    public mutating func removeAll() { count = 0 }

    /// The bytes, for as long as the closure runs.
    public borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(start: start, count: count))
    }

    /// A copy of the bytes.
    public borrowing func bytes() -> [UInt8] { withBytes { Array($0) } }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        memory.update(from: start, count: count)
        start.deallocate()
        start = memory
        capacity = larger
    }

    /// Room for so many bytes at the end; the caller fills them and says how many with ``advance(_:)``.
    @inline(__always)
    mutating func room(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < more { grow(more) }
        return start + count
    }

    @inline(__always)
    mutating func advance(_ more: Int) { count += more }

    /// A byte.
    @inline(__always)
    public mutating func append(_ byte: UInt8) {
        room(1).pointee = byte
        count += 1
    }

    /// Text that was written with the code.
    @inline(__always)
    public mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        room(length).update(from: text.utf8Start, count: length)
        count += length
    }

    /// Bytes as they are.
    @inline(__always)
    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let from = bytes.baseAddress else { return }
        room(bytes.count).update(from: from, count: bytes.count)
        count += bytes.count
    }

    /// Text as it is.
    @inline(__always)
    public mutating func appendText(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append($0) }) == nil {
            for byte in text.utf8 { append(byte) }
        }
    }
}
