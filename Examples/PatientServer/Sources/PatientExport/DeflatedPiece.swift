import CVitalsZlib

/// Bytes deflated apart from those around them: pieces follow each other in one deflate stream, so that tasks make them
/// in parallel. Each ends on a whole byte (RFC 1951, an empty stored block).
public struct DeflatedPiece: Sendable {
    let bytes: [UInt8]
    let plainCount: Int
    let checksum: UInt32

    /// An empty last block, which ends the stream that pieces make.
    static let end: [UInt8] = [3, 0]

    /// Deflates bytes.
    public init(_ plain: UnsafeBufferPointer<UInt8>) throws(ExportError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(plain.count / 4)
        let deflater = try Deflater(.none)
        try deflater.append(plain, into: &bytes)
        try deflater.flush(into: &bytes)
        self.bytes = bytes
        plainCount = plain.count
        checksum = UInt32(truncatingIfNeeded: crc32_z(0, plain.baseAddress, plain.count))
    }

    /// The same of an array.
    public init(_ plain: ArraySlice<UInt8>) throws(ExportError) {
        self = try plain.withUnsafeBufferPointer { (plain) throws(ExportError) in try DeflatedPiece(plain) }
    }

    /// The CRC-32 of what comes before, and of the piece after it.
    func checksum(after before: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_combine(UInt(before), UInt(checksum), plainCount))
    }
}
