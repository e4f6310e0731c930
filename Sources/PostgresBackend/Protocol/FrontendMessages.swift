/// The messages a client sends (PostgreSQL's documentation, "Message Formats", protocol version 3).
extension OutputBuffer {
    /// `Query`: one or more statements without parameters. Returns whether the text is free of NUL.
    func query(_ sql: String) -> Bool {
        let message = beginMessage(UInt8(ascii: "Q"))
        let isClean = appendCString(sql)
        endMessage(message)
        return isClean
    }

    /// `Parse`: prepares a statement. Returns whether the text is free of NUL.
    func parse(_ sql: String, name: String, types: [UInt32]) -> Bool {
        let message = beginMessage(UInt8(ascii: "P"))
        _ = appendCString(name)
        let isClean = appendCString(sql)
        append(UInt16(truncatingIfNeeded: types.count))
        for type in types { append(type) }
        endMessage(message)
        return isClean
    }

    /// `Describe` of the unnamed portal.
    func describePortal() {
        let message = beginMessage(UInt8(ascii: "D"))
        append(UInt8(ascii: "P"))
        append(UInt8(0))
        endMessage(message)
    }

    /// `Describe` of a prepared statement, for the types of its parameters.
    func describeStatement(_ name: String) {
        let message = beginMessage(UInt8(ascii: "D"))
        append(UInt8(ascii: "S"))
        _ = appendCString(name)
        endMessage(message)
    }

    /// `Execute` of the unnamed portal.
    /// - Parameter maximumRows: 0 for all.
    func execute(maximumRows: Int32 = 0) {
        let message = beginMessage(UInt8(ascii: "E"))
        append(UInt8(0))
        append(maximumRows)
        endMessage(message)
    }

    /// `Close` of a prepared statement.
    func closeStatement(_ name: String) {
        let message = beginMessage(UInt8(ascii: "C"))
        append(UInt8(ascii: "S"))
        _ = appendCString(name)
        endMessage(message)
    }

    /// `Close` of the unnamed portal.
    func closePortal() {
        let message = beginMessage(UInt8(ascii: "C"))
        append(UInt8(ascii: "P"))
        append(UInt8(0))
        endMessage(message)
    }

    /// `Sync`.
    func sync() { endMessage(beginMessage(UInt8(ascii: "S"))) }

    /// `Flush`.
    func flush() { endMessage(beginMessage(UInt8(ascii: "H"))) }

    /// `CopyData`.
    func copyData(_ bytes: UnsafeRawBufferPointer) {
        let message = beginMessage(UInt8(ascii: "d"))
        append(bytes)
        endMessage(message)
    }

    /// `CopyDone`.
    func copyDone() { endMessage(beginMessage(UInt8(ascii: "c"))) }

    /// `CopyFail`.
    func copyFail(_ reason: String) {
        let message = beginMessage(UInt8(ascii: "f"))
        _ = appendCString(reason)
        endMessage(message)
    }
}
