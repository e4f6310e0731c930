import Crypto
import Foundation
import SQLDatabase

/// What a key may do.
enum Scope: String, Sendable, CaseIterable {
    /// Look at everything, download.
    case read
    /// Start generations, stream, save configurations.
    case generate
    /// Cancel, retry and delete jobs; delete configurations.
    case operate
}

/// A key as it is kept: of its secret only the SHA-256.
struct APIKey: Sendable {
    var id: String
    var name: String
    var hash: [UInt8]
    var scopes: Set<Scope>
    var requestsPerMinute: Int
    var patientsPerDay: Int
    var createdAt: Int64
    var revokedAt: Int64?
}

/// Keys, what they used, and who did what.
struct KeyStore: Sendable {
    let database: any SQLClient

    /// Makes a key. The text is shown this once; what is kept does not give it back.
    func create(
        name: String, scopes: Set<Scope>, requestsPerMinute: Int, patientsPerDay: Int
    ) async throws -> (key: APIKey, text: String) {
        let id = String(UInt64.random(in: .min ... .max), radix: 36)
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }.base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        let text = "vk_\(id)_\(secret)"
        let key = APIKey(
            id: id, name: name, hash: Array(SHA256.hash(data: Data(text.utf8))), scopes: scopes,
            requestsPerMinute: requestsPerMinute, patientsPerDay: patientsPerDay, createdAt: milliseconds())
        let words = scopes.map(\.rawValue).sorted().joined(separator: " ")
        try await database.change(
            """
            INSERT INTO api_keys (id, name, hash, scopes, requests_per_minute, patients_per_day, created_at)
            VALUES (\(id), \(name), \(key.hash.hex), \(words), \(requestsPerMinute), \(patientsPerDay), \(key.createdAt))
            """)
        return (key, text)
    }

    /// All keys, revoked ones as well, oldest first.
    func all() async throws -> [APIKey] {
        try await database.rows("SELECT * FROM api_keys ORDER BY created_at, id").map { row in
            APIKey(
                id: try row.decode("id"), name: try row.decode("name"), hash: bytes(hex: try row.decode("hash")),
                scopes: Set(
                    try row.decode("scopes", as: String.self).split(separator: " ").compactMap {
                        Scope(rawValue: String($0))
                    }),
                requestsPerMinute: try row.decode("requests_per_minute"),
                patientsPerDay: try row.decode("patients_per_day"),
                createdAt: try row.decode("created_at"), revokedAt: try row.decode("revoked_at", as: Int64?.self))
        }
    }

    /// Whether there was such a key that was not revoked yet.
    func revoke(_ id: String) async throws -> Bool {
        try await database.change(
            "UPDATE api_keys SET revoked_at = \(milliseconds()) WHERE id = \(id) AND revoked_at IS NULL") > 0
    }

    /// Books patients on a key's day.
    /// - Returns: Whether they fit its quota; those that do not are not booked.
    func book(_ patients: Int, on key: APIKey) async throws -> Bool {
        let day = milliseconds() / 86_400_000
        guard patients <= key.patientsPerDay else { return false }
        return try await database.change(
            """
            INSERT INTO api_key_usage (key_id, day, patients) VALUES (\(key.id), \(day), \(patients))
            ON CONFLICT (key_id, day) DO UPDATE SET patients = api_key_usage.patients + excluded.patients
            WHERE api_key_usage.patients + excluded.patients <= \(key.patientsPerDay)
            """) > 0
    }

    /// Notes who did what.
    func audit(_ key: APIKey?, _ action: String, _ subject: String, requestID: String) async throws {
        try await database.change(
            """
            INSERT INTO audit_log (at, key_id, action, subject, request_id)
            VALUES (\(milliseconds()), \(key?.id ?? "none"), \(action), \(String(subject.prefix(200))), \(requestID))
            """)
    }

    private func bytes(hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in hex.utf8.compactMap({ Character(UnicodeScalar($0)).hexDigitValue.map(UInt8.init) }) {
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return bytes
    }
}
