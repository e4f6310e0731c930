// One import suffices: the types that this module's interface is made of come with it.
@_exported public import PostgresBackend
@_exported public import SQLDatabase
@_exported public import SQLiteBackend
