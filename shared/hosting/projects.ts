import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Project } from './payments.schema.ts';
import * as sql from './payments.sql.ts';

type NewProject = { name: string; notes?: string | null | undefined };
type ProjectPatch = { [K in keyof NewProject]?: NewProject[K] | undefined };

/** What servers are grouped by. @throws AppError 404, 409 */
export function createProjects(db: Pool) {
  return {
    list: async () => (await sql.listProjects(db)).map(toProject),
    get,

    async create({ name, notes = null }: NewProject): Promise<Project> {
      const id = await sql.insertProject(db, { name, notes });
      if (id === undefined) throw taken();
      return get(id);
    },

    async change(id: number, { name, notes }: ProjectPatch): Promise<Project> {
      const before = await get(id);
      const values = { ...(name !== undefined && { name }), ...(notes !== undefined && { notes }) };
      if (Object.keys(values).length === 0) return before;
      if (!(await sql.updateProject(db, id, values))) throw taken();
      return get(id);
    },

    async delete(id: number): Promise<void> {
      if (!(await sql.deleteProject(db, id))) throw unknown();
    },
  };

  async function get(id: number): Promise<Project> {
    const [project] = await sql.listProjects(db, id);
    if (!project) throw unknown();
    return toProject(project);
  }
}

const taken = () => new AppError('conflict', 'Проект с таким названием уже есть');
const unknown = () => new AppError('not_found', 'Проект не найден');

function toProject({ createdAt, updatedAt, ...project }: sql.ProjectRow): Project {
  return {
    ...project,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}
