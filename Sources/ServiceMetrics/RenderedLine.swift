/// A series of one line, rendered: only a figure that changed is written anew.
// Touched only under its family's render lock, and freed with the one metric that has it.
struct RenderedLine: @unchecked Sendable {
    /// The figure's bits at 0, the line's length at 8, what kind of figure it is at 12, the line itself from 16: what
    /// a scrape reads lies together.
    private let base: UnsafeMutableRawPointer
    private let prefix: Int

    init(prefix: [UInt8]) {
        base = .allocate(byteCount: 16 + prefix.count + NumberText.longest + 1, alignment: 16)
        base.storeBytes(of: 0, as: UInt64.self)
        base.storeBytes(of: UInt32(prefix.count), toByteOffset: 8, as: UInt32.self)
        base.storeBytes(of: 0, toByteOffset: 12, as: UInt32.self)
        base.advanced(by: 16).copyMemory(from: prefix, byteCount: prefix.count)
        self.prefix = prefix.count
    }

    func free() { base.deallocate() }

    private var text: UnsafeMutablePointer<UInt8> { (base + 16).assumingMemoryBound(to: UInt8.self) }
    private var length: Int { Int(base.load(fromByteOffset: 8, as: UInt32.self)) }

    /// Whether a figure is another than the one the line shows.
    @inline(__always)
    private func changes(to bits: UInt64, kind: UInt32) -> Bool {
        base.load(as: UInt64.self) != bits || base.load(fromByteOffset: 12, as: UInt32.self) != kind
    }

    private func finish(_ bits: UInt64, kind: UInt32, digits: Int) {
        let length = prefix &+ digits
        text[length] = 0x0A
        base.storeBytes(of: bits, as: UInt64.self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: length), toByteOffset: 8, as: UInt32.self)
        base.storeBytes(of: kind, toByteOffset: 12, as: UInt32.self)
    }

    @inline(__always)
    func update(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        if changes(to: bits, kind: 1) { finish(bits, kind: 1, digits: NumberText.write(value, to: text + prefix)) }
    }

    @inline(__always)
    func update(_ value: Double) {
        let bits = value.bitPattern
        if changes(to: bits, kind: 2) { finish(bits, kind: 2, digits: NumberText.write(value, to: text + prefix)) }
    }

    /// The line, without its end.
    func write(to sink: ByteSink) { sink.append(text, length) }

    /// The line and its end.
    @inline(__always)
    func writeWhole(to sink: ByteSink) { sink.append(text, length &+ 1) }
}
