public import Foundation

/// Reads lines from a file or a pipe, a megabyte at a time, whatever its length.
public struct LogReader {
    /// The longest line that is kept; what is longer counts as unreadable.
    static let lineLimit = 16 << 20
    private let file: FileHandle

    /// A reader of an open file.
    public init(_ file: FileHandle) { self.file = file }

    /// Hands over each line without its line feed. The bytes are good during the call alone.
    /// - Throws: What reading throws, and what the body throws.
    public func forEachLine(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        let size = 1 << 20
        var buffer = [UInt8](repeating: 0, count: size)
        var held = 0
        while true {
            if held == buffer.count { buffer.append(contentsOf: repeatElement(0, count: min(held, Self.lineLimit))) }
            let count = try buffer.withUnsafeMutableBytes { bytes in
                try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[held...]))
            }
            let end = held + count
            let rest = try buffer.withUnsafeBufferPointer { bytes -> Int in
                guard let base = bytes.baseAddress else { return end }
                var start = 0
                // What was held has no line feed in it.
                var from = held
                while from < end, let found = memchr(base + from, 0x0A, end - from) {
                    let place = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                    if place > start { try body(UnsafeBufferPointer(rebasing: bytes[start..<place])) }
                    start = place + 1
                    from = start
                }
                if count == 0, start < end { try body(UnsafeBufferPointer(rebasing: bytes[start..<end])) }
                return start
            }
            if count == 0 { return }
            held = end - rest
            if rest > 0, held > 0 {
                buffer.withUnsafeMutableBytes { bytes in
                    if let base = bytes.baseAddress { memmove(base, base + rest, held) }
                }
            }
            if held > Self.lineLimit { held = 0 }
        }
    }

    private func fill(_ bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = read(file.fileDescriptor, bytes.baseAddress, bytes.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        }
    }
}
