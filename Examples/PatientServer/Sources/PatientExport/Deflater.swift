import CVitalsZlib

/// Compresses a stream of any length in constant memory (about 256 KiB), by zlib.
///
/// ```swift
/// let gzip = try Deflater(.gzip)
/// try gzip.append(bytes[...], into: &output)
/// try gzip.finish(into: &output)
/// ```
/// Not safe to use from two tasks at a time.
public final class Deflater {
    /// What stands around the compressed bytes.
    public enum Wrapper: Sendable {
        /// RFC 1952: a file that `gunzip` reads, the same bytes for the same input (no name, no time).
        case gzip
        /// RFC 1951 alone, as ZIP archives have it.
        case none
    }

    // On the heap, because zlib keeps a pointer back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private let window: UnsafeMutableBufferPointer<UInt8>

    /// A stream.
    /// - Parameter level: 1 (fastest) to 9 (smallest).
    /// - Throws: ``ExportError`` with `compressionFailed` when memory runs out.
    public init(_ wrapper: Wrapper, level: Int = 6) throws(ExportError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        window = .allocate(capacity: 65_536)
        let code = vitals_deflate_init(stream, Int32(min(9, max(1, level))), wrapper == .gzip ? 31 : -15)
        guard code == Z_OK else {
            throw ExportError(.compressionFailed, "zlib cannot begin (code \(code)); most likely memory ran out")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        window.deallocate()
    }

    /// Compresses more bytes; what is ready is appended to `output`.
    public func append(_ bytes: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) throws(ExportError) {
        // zlib counts in 32 bits.
        var rest = bytes[...]
        repeat {
            let part = rest.prefix(1 << 30)
            try run(UnsafeBufferPointer(rebasing: part), flush: Z_NO_FLUSH, into: &output)
            rest = rest.dropFirst(part.count)
        } while !rest.isEmpty
    }

    /// Compresses more bytes; what is ready is appended to `output`.
    public func append(_ bytes: ArraySlice<UInt8>, into output: inout [UInt8]) throws(ExportError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(ExportError) in try append(bytes, into: &output) }
    }

    /// Brings out all there is so far, up to a whole byte.
    public func flush(into output: inout [UInt8]) throws(ExportError) {
        try run(UnsafeBufferPointer(start: nil, count: 0), flush: Z_SYNC_FLUSH, into: &output)
    }

    /// Ends the stream. Nothing may be appended after it.
    public func finish(into output: inout [UInt8]) throws(ExportError) {
        try run(UnsafeBufferPointer(start: nil, count: 0), flush: Z_FINISH, into: &output)
    }

    private func run(
        _ input: UnsafeBufferPointer<UInt8>, flush: Int32, into output: inout [UInt8]
    ) throws(ExportError) {
        // zlib does not write through next_in; its type only lacks the const.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        var code = Z_OK
        repeat {
            stream.pointee.next_out = window.baseAddress
            stream.pointee.avail_out = UInt32(window.count)
            code = deflate(stream, flush)
            output.append(contentsOf: window.prefix(window.count - Int(stream.pointee.avail_out)))
        } while code == Z_OK && stream.pointee.avail_out == 0
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
            throw ExportError(.compressionFailed, "zlib failed (code \(code)); the stream was used after its end")
        }
    }
}
