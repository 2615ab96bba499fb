# A worker that does what its prompt says: everything after the line TASK: RUN is a script.
exec sed '1,/^TASK: RUN$/d' | sh -e
