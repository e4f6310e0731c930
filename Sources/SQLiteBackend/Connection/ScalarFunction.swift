import CVitalsSQLite
import SQLDatabase

/// A closure that SQLite calls as a function.
// Belongs to one connection and is called under its handle's lock.
final class ScalarFunction {
    private let name: String
    private let body: @Sendable ([SQLValue]) throws -> SQLValue
    private let watch: Watch

    private init(name: String, watch: Watch, _ body: @escaping @Sendable ([SQLValue]) throws -> SQLValue) {
        self.name = name
        self.watch = watch
        self.body = body
    }

    /// Registers a closure. SQLite releases it when the connection is closed.
    static func install(
        _ name: String, _ arguments: Int32, _ flags: Int32,
        _ body: @escaping @Sendable ([SQLValue]) throws -> SQLValue, on handle: Handle
    ) throws(SQLiteError) {
        var code = SQLITE_MISUSE
        try? handle.withDatabase { database, state in
            let function = Unmanaged.passRetained(ScalarFunction(name: name, watch: state.core.watch, body))
            // On failure SQLite calls the destructor, too.
            code = sqlite3_create_function_v2(
                database, name, arguments, flags, function.toOpaque(),
                { context, count, values in
                    guard let pointer = sqlite3_user_data(context) else { return }
                    Unmanaged<ScalarFunction>.fromOpaque(pointer).takeUnretainedValue().call(context, count, values)
                }, nil, nil,
                { pointer in
                    if let pointer { Unmanaged<ScalarFunction>.fromOpaque(pointer).release() }
                })
        }
        guard code == SQLITE_OK else {
            throw SQLiteError(
                .misuse, "the function \(name) cannot be added: \(String(cString: sqlite3_errstr(code)))",
                resultCode: code)
        }
    }

    private func call(_ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?) {
        if watch.mustEndBeforeCall() { return sqlite3_result_error_code(context, SQLITE_INTERRUPT) }
        do {
            let arguments = try (0..<Int(count)).map { try Self.argument(values?[$0]) }
            let result = try body(arguments)
            let form: SQLValue
            do { form = try StorageForm.of(result) } catch {
                throw SQLiteError(.typeMismatch, "the result of the function \(name): \(error.reason)")
            }
            returnValue(form, context)
        } catch {
            watch.functionFailure = error
            sqlite3_result_error(context, "the function \(name) failed", -1)
        }
    }

    private static func argument(_ value: OpaquePointer?) throws(SQLiteError) -> SQLValue {
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER: return .integer(sqlite3_value_int64(value))
        case SQLITE_FLOAT: return .double(sqlite3_value_double(value))
        case SQLITE_TEXT:
            guard let text = sqlite3_value_text(value) else { return .text("") }
            let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
            guard let string = String(validating: bytes, as: UTF8.self) else {
                throw SQLiteError(.typeMismatch, "an argument of a function is text that is not valid UTF-8")
            }
            return .text(string)
        case SQLITE_BLOB:
            guard let bytes = sqlite3_value_blob(value) else { return .blob([]) }
            return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_value_bytes(value)))))
        default: return .null
        }
    }

    private func returnValue(_ value: SQLValue, _ context: OpaquePointer?) {
        switch value {
        case .integer(let number): sqlite3_result_int64(context, number)
        case .double(let number): sqlite3_result_double(context, number)
        case .text(var text):
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { bytes in
                    guard let base = bytes.baseAddress else {
                        return sqlite3_result_text(context, "", 0, vitals_sqlite_transient())
                    }
                    sqlite3_result_text64(
                        context, base, UInt64(bytes.count), vitals_sqlite_transient(), UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            if bytes.isEmpty {
                sqlite3_result_zeroblob(context, 0)
            } else {
                sqlite3_result_blob64(context, bytes, UInt64(bytes.count), vitals_sqlite_transient())
            }
        default: sqlite3_result_null(context)
        }
    }
}
