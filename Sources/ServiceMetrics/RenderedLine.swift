/// A series of one line, rendered: only a figure that changed is written anew.
// Touched only under its family's render lock.
struct RenderedLine: ~Copyable {
    private let base: UnsafeMutablePointer<UInt8>
    private let prefix: Int
    private var length: Int
    private var bits: UInt64 = 0
    private enum Kind: UInt8 { case none, whole, double }
    private var kind = Kind.none

    init(prefix: [UInt8]) {
        let base = UnsafeMutablePointer<UInt8>.allocate(capacity: prefix.count + NumberText.longest + 1)
        for (index, byte) in prefix.enumerated() { base[index] = byte }
        self.base = base
        self.prefix = prefix.count
        length = prefix.count
    }

    deinit { base.deallocate() }

    mutating func update(_ value: Int64) {
        guard kind != .whole || bits != UInt64(bitPattern: value) else { return }
        length = prefix + NumberText.write(value, to: base + prefix)
        base[length] = 0x0A
        (kind, bits) = (.whole, UInt64(bitPattern: value))
    }

    mutating func update(_ value: Double) {
        guard kind != .double || bits != value.bitPattern else { return }
        length = prefix + NumberText.write(value, to: base + prefix)
        base[length] = 0x0A
        (kind, bits) = (.double, value.bitPattern)
    }

    /// The line, without its end.
    func write(to sink: ByteSink) { sink.append(base, length) }

    /// The line and its end.
    func writeWhole(to sink: ByteSink) { sink.append(base, length &+ 1) }
}
