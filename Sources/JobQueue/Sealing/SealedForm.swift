/// The form in which the data of jobs is stored: as it is, or sealed behind a marker.
package enum SealedForm {
    /// JSON begins with none of the control characters but blanks, so no unsealed data begins with this zero.
    package static let marker: [UInt8] = [0] + Array("seal".utf8)

    /// Returns what is stored for these bytes.
    /// - Throws: ``JobError`` with `sealingFailed`.
    package static func seal(
        _ bytes: [UInt8], for content: SealedContent, by sealing: (any PayloadSealing)?
    ) throws(JobError) -> [UInt8] {
        guard let sealing else { return bytes }
        do {
            return marker + (try sealing.seal(bytes, for: content))
        } catch {
            throw JobError(.sealingFailed, "\(content) cannot be sealed", underlying: error)
        }
    }

    /// Returns the bytes for which these are stored.
    /// - Throws: ``JobError`` with `sealingFailed`.
    package static func open(
        _ bytes: [UInt8], for content: SealedContent, by sealing: (any PayloadSealing)?
    ) throws(JobError) -> [UInt8] {
        let isSealed = bytes.starts(with: marker)
        guard let sealing else {
            guard isSealed else { return bytes }
            throw JobError(
                .sealingFailed,
                "\(content) is sealed, and there is no sealing here; pass the one that it was sealed with")
        }
        if !isSealed, sealing.acceptsUnsealed(content) { return bytes }
        do {
            return try sealing.open(isSealed ? Array(bytes.dropFirst(marker.count)) : bytes, for: content)
        } catch {
            throw JobError(.sealingFailed, "\(content) cannot be opened", underlying: error)
        }
    }
}
